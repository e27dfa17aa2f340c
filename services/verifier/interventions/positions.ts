import type { Positions } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { type Speller, type TokenSpans, tokenSpans, tokensWithin } from './token-spans.ts';

/** Positions of one sequence: of its prompt, rising, and whether of all that is generated after it. */
export interface Selection {
  readonly prompt: readonly number[];
  readonly generated: boolean;
}

/**
 * The tokens a declaration means in one prompt.
 * @param swapped tokens of the text that a contrast swaps, where the declaration is `contrast`
 * @throws OversightError `intervention-invalid` (`position-missing`) where what it names is not there.
 */
export function select(
  positions: Positions,
  prompt: readonly number[],
  speller: Speller,
  swapped: readonly number[] = [],
): Selection {
  const { length } = prompt;
  const whole = Array.from({ length }, (_, token) => token);
  switch (positions.kind) {
    case 'all':
      return { prompt: whole, generated: true };
    case 'prompt':
      return { prompt: whole, generated: false };
    case 'last-prompt-token':
      return { prompt: [length - 1], generated: false };
    case 'generated':
      return { prompt: [], generated: true };
    case 'last-prompt-token-and-generated':
      return { prompt: [length - 1], generated: true };
    case 'from-end':
      if (positions.index >= length) throw missing(`the prompt has ${length} tokens`);
      return { prompt: [length - 1 - positions.index], generated: false };
    case 'range':
      return selectRange(positions.from, positions.count, length);
    case 'after-instruction':
      return selectAfter(positions.marker, tokenSpans(prompt, speller));
    case 'span':
      return selectSpan(positions, tokenSpans(prompt, speller));
    case 'contrast':
      if (swapped.length === 0 && positions.whereAbsent === 'refuse')
        throw missing('the prompt has neither text of the contrast');
      return { prompt: swapped, generated: false };
  }
}

function selectRange(from: number, count: number | undefined, length: number): Selection {
  const to = count === undefined ? Math.max(from, length) : from + count;
  if (to > Math.max(length, from) || (count === undefined && from > length))
    throw missing(`positions ${from} to ${to} of a prompt of ${length} tokens`);
  const prompt = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return { prompt, generated: count === undefined };
}

/** Tokens that begin behind the marker: one that holds its last character belongs to it. */
function selectAfter(marker: string, spelled: TokenSpans): Selection {
  const at = spelled.text.lastIndexOf(marker);
  if (at < 0) throw missing(`the prompt has no '${marker}'`);
  const end = at + marker.length;
  const prompt = spelled.spans.flatMap(({ from }, token) => (from >= end ? [token] : []));
  return { prompt, generated: true };
}

function selectSpan(
  { text, occurrence, whereAbsent }: Extract<Positions, { kind: 'span' }>,
  spelled: TokenSpans,
): Selection {
  const starts = occurrences(spelled.text, text);
  if (starts.length === 0) {
    if (whereAbsent === 'refuse') throw missing(`the prompt has no '${text}'`);
    return { prompt: [], generated: false };
  }
  const wanted = occurrence === 'every' ? starts : [occurrence === 'first' ? starts[0] : starts.at(-1)];
  const tokens = new Set<number>();
  for (const at of wanted)
    if (at !== undefined) for (const token of tokensWithin(spelled, at, at + text.length)) tokens.add(token);
  return { prompt: [...tokens].sort((a, b) => a - b), generated: false };
}

/** Where the text occurs, without overlap, from the left. */
function occurrences(within: string, text: string): readonly number[] {
  const found: number[] = [];
  for (let at = within.indexOf(text); at >= 0; at = within.indexOf(text, at + text.length)) found.push(at);
  return found;
}

function missing(message: string): OversightError {
  return new OversightError('intervention-invalid', message, { details: { reason: 'position-missing' } });
}
