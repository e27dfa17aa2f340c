/** What a source file reaches for. Read without a compiler: the formatter keeps imports in one shape. */
export interface Reach {
  /** Module specifiers of static imports and re-exports. */
  readonly imports: readonly string[];
  /** Those of `imports` that are for types alone: nothing is loaded. */
  readonly types: readonly string[];
  /** Specifiers of `import('…')`; a computed one is null. */
  readonly dynamic: readonly (string | null)[];
  /** Globals that reach outside a pure function. */
  readonly ambient: readonly string[];
}

const STATIC = /^(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const TYPES = /^(?:import|export) type\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const BARE = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /(?<![\w.#$])import\s*\(\s*(?:['"]([^'"]+)['"])?/g;

/** Names that a pure module must not use, as they appear in code. */
const AMBIENT =
  /(?<![\w$.#'"`])(Date\.now|new Date\(\)|Math\.random|performance\.|process\.|console\.|fetch\(|setTimeout\(|setInterval\(|setImmediate\(|queueMicrotask\(|globalThis\b|crypto\.|navigator\b|require\(|eval\(|new Function\()/g;

export function readReach(source: string): Reach {
  const code = stripComments(source);
  return {
    imports: [...matches(code, STATIC), ...matches(code, BARE)],
    types: matches(code, TYPES),
    dynamic: [...code.matchAll(DYNAMIC)].map((match) => match[1] ?? null),
    ambient: matches(blankStrings(code), AMBIENT),
  };
}

function matches(code: string, pattern: RegExp): string[] {
  return [...code.matchAll(pattern)].map((match) => match[1] as string);
}

/** Comments out, strings untouched. A regular expression with a quote or `//` in it would mislead this; none is needed. */
export function stripComments(source: string): string {
  return source.replace(
    /(['"`])(?:\\[\s\S]|(?!\1)[^\\])*\1|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (match, quote: string | undefined) => (quote === undefined ? ' ' : match),
  );
}

function blankStrings(code: string): string {
  return code.replace(/(['"])(?:\\[\s\S]|(?!\1)[^\\\n])*\1/g, '""');
}
