import { type ContrastAdd, norm } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { emptyCache } from '../engine/kv-cache.ts';
import type { Activations, Model } from '../engine/model.ts';
import { type Speller, tokenSpans, tokensWithin } from './token-spans.ts';

/** Contrasts already derived for some prompts: a control takes the steps of the condition it stands beside. */
export type DerivedContrasts = Map<ContrastAdd, Map<readonly number[], DerivedContrast | null>>;

/** A model and its tokenizer. */
export interface Reader {
  readonly model: Model;
  readonly speller: Speller;
}

export interface DerivedContrast {
  /** Positions of the swapped text's tokens in the prompt. */
  readonly tokens: readonly number[];
  /** Row i belongs to the i-th of them, [d_model of the target]. */
  readonly rows: readonly Float64Array[];
}

/**
 * Derives a prompt's contrast vectors: the prompt is run with one text and with the other in the place where either
 * occurs first (the longer of two at one place), and the activations at the swapped tokens are subtracted. Null where
 * neither text occurs. spec 10-artifacts §6.4
 * @throws OversightError `intervention-invalid` (`contrast-misaligned`) where the texts are not the same tokens long,
 * since then nothing says which token belongs to which.
 */
export async function deriveContrast(
  contrast: ContrastAdd,
  prompt: readonly number[],
  target: Speller,
  source: Reader,
): Promise<DerivedContrast | null> {
  const spelled = tokenSpans(prompt, target);
  const found = findEither(spelled.text, contrast);
  if (found === null) return null;
  const tokens = tokensWithin(spelled, found.at, found.at + found.text.length);
  const place = { ...found, whole: spelled.text };
  const [plus, minus] = await activationsOf(
    contrast,
    [withText(contrast, contrast.plus, place, source), withText(contrast, contrast.minus, place, source)],
    source,
  );
  const aligned = plus.length === tokens.length && minus.length === tokens.length;
  const same = plus.every(({ token }, i) => token === minus[i]?.token);
  if (!aligned || !same) throw misaligned(contrast);
  const rows = plus.map(({ h }, i) => vectorOf(contrast, h, (minus[i] as TokenActivation).h));
  return { tokens, rows };
}

interface Occurrence {
  readonly at: number;
  readonly text: string;
}

function findEither(whole: string, { plus, minus }: ContrastAdd): Occurrence | null {
  const found = [plus, minus]
    .map((text) => ({ at: whole.indexOf(text), text }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at || b.text.length - a.text.length);
  return found[0] ?? null;
}

interface TokenActivation {
  readonly token: number;
  readonly h: Float64Array;
}

/** A prompt with one of the two texts in its place. */
interface Variant {
  readonly ids: readonly number[];
  /** Tokens of the text. */
  readonly tokens: readonly number[];
}

function withText(
  contrast: ContrastAdd,
  text: string,
  { whole, at, text: found }: Occurrence & { readonly whole: string },
  { speller }: Reader,
): Variant {
  const variant = whole.slice(0, at) + text + whole.slice(at + found.length);
  const ids = speller.encode(variant);
  const spelled = tokenSpans(ids, speller);
  if (spelled.text !== variant) throw misaligned(contrast);
  return { ids, tokens: tokensWithin(spelled, at, at + text.length) };
}

/** What the source has at the point, at the tokens of both texts. */
async function activationsOf(
  contrast: ContrastAdd,
  [plus, minus]: readonly [Variant, Variant],
  { model }: Reader,
): Promise<readonly [readonly TokenActivation[], readonly TokenActivation[]]> {
  const wanted = contrast.point.name;
  // Texts that differ in their tokens' number are refused by the caller; padding would be no help.
  if (plus.ids.length !== minus.ids.length) throw misaligned(contrast);
  const seen: TokenActivation[][] = [];
  const hook = ({ point, time, width, data }: Activations) => {
    if (point !== wanted) return;
    for (const [row, { tokens }] of [plus, minus].entries())
      seen.push(
        tokens.map((token) => {
          const offset = (row * time + token) * width;
          return { token, h: Float64Array.from(data.subarray(offset, offset + width)) };
        }),
      );
  };
  await model.step([plus.ids, minus.ids], emptyCache(model.config.layers, 2), { hook });
  const [first, second] = seen;
  if (first === undefined || second === undefined || seen.length !== 2)
    throw new OversightError('hook-misfired', `the source was not read once at ${wanted}`);
  return [first, second];
}

function vectorOf({ map, unit }: ContrastAdd, plus: Float64Array, minus: Float64Array): Float64Array {
  const difference = plus.map((x, i) => x - (minus[i] as number));
  const vector = map === null ? difference : map.mapVector(difference, [[plus], [minus]]);
  if (!unit) return vector;
  const length = norm(vector);
  if (length === 0)
    throw new OversightError('intervention-invalid', 'a contrast of length 0 cannot be made unit', {
      details: { reason: 'direction-zero' },
    });
  return vector.map((x) => x / length);
}

function misaligned({ plus, minus }: ContrastAdd): OversightError {
  return new OversightError(
    'intervention-invalid',
    `'${plus}' and '${minus}' are not the same tokens long in a prompt`,
    { details: { reason: 'contrast-misaligned' } },
  );
}
