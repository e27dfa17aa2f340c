/** Every line fits a terminal of this width. */
export const WIDTH = 80;

/** Control and formatting characters: text from the network must not steer the terminal or reorder a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Text of unknown origin as one printable line. */
export function clean(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}

export function clip(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

/** Breaks at spaces, though not before a percent sign; a word longer than the line keeps a line of its own, so that identifiers can be copied. */
export function wrap(text: string, indent = '', width = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?!%)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((each) => `${indent}${each}`).join('\n');
}

/** Columns as wide as their widest cell, the last line clipped to the terminal. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) =>
    Math.max(0, ...rows.map((row) => [...(row[index] ?? '')].length)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - [...cell].length));
      return clip(cells.join(gap).trimEnd(), WIDTH);
    })
    .join('\n');
}

/** `label: value` lines with the values under one another. */
export function fields(pairs: readonly (readonly [string, string])[], indent = ''): string {
  const width = Math.max(0, ...pairs.map(([label]) => label.length));
  return pairs.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}`).join('\n');
}

/** Where a command writes: what is drawn stands alone on its line, and ends where the next line begins. */
export class Lines {
  readonly #out: Pick<NodeJS.WriteStream, 'write'>;
  readonly #err: Pick<NodeJS.WriteStream, 'write'>;
  #isDrawn = false;

  constructor(out: Pick<NodeJS.WriteStream, 'write'>, err: Pick<NodeJS.WriteStream, 'write'>) {
    this.#out = out;
    this.#err = err;
  }

  print(text: string): void {
    this.#end();
    this.#out.write(`${text}\n`);
  }

  note(text: string): void {
    this.#end();
    this.#err.write(`${text}\n`);
  }

  draw(text: string): void {
    // back to the first column; what the last text had more is erased (ECMA-48: EL)
    this.#err.write(`\r${clip(text, WIDTH - 1)}\u001b[K`);
    this.#isDrawn = true;
  }

  #end(): void {
    if (this.#isDrawn) this.#err.write('\n');
    this.#isDrawn = false;
  }
}
