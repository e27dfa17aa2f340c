/** The two directions between text and tokens; `spell` keeps control tokens. */
export interface Speller {
  encode(text: string): readonly number[];
  spell(ids: readonly number[]): string;
}

/** What a prompt's tokens spell, and which characters [from, to) of it each of them holds at least a part of. */
export interface TokenSpans {
  readonly text: string;
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

export function tokenSpans(ids: readonly number[], speller: Speller): TokenSpans {
  const text = speller.spell(ids);
  const singles = ids.map((id) => speller.spell([id]));
  // Where every token spells the same alone as in its place, their lengths are enough.
  const spans = singles.join('') === text ? adjacent(singles) : byPrefixes(ids, text, speller);
  return { text, spans };
}

/** Tokens that hold a character of [from, to). */
export function tokensWithin({ spans }: TokenSpans, from: number, to: number): readonly number[] {
  return spans.flatMap((span, token) => (span.from < to && span.to > from ? [token] : []));
}

function adjacent(texts: readonly string[]): TokenSpans['spans'] {
  let at = 0;
  return texts.map((text) => {
    const from = at;
    at += text.length;
    return { from, to: at };
  });
}

/**
 * A token that ends inside a character spells a replacement for what is missing; how far a prefix of the tokens agrees
 * with the whole text says how much of it is complete. Such a token and the next both hold the character.
 */
function byPrefixes(ids: readonly number[], text: string, speller: Speller): TokenSpans['spans'] {
  let from = 0;
  return ids.map((_, token) => {
    const prefix = speller.spell(ids.slice(0, token + 1));
    const to = agreement(prefix, text);
    const span = { from, to: prefix.length > to ? to + 1 : Math.max(to, from) };
    from = to;
    return span;
  });
}

function agreement(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
