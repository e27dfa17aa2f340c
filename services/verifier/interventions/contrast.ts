import { type ContrastAdd, norm, type PointName } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { emptyCache } from '../engine/kv-cache.ts';
import type { Model } from '../engine/model.ts';
import { type Speller, tokenSpans, tokensWithin } from './token-spans.ts';

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
  const plus = await activations(contrast, contrast.plus, { ...found, whole: spelled.text }, source);
  const minus = await activations(contrast, contrast.minus, { ...found, whole: spelled.text }, source);
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

/** Activations at the tokens of `text`, put where `found` stands. */
async function activations(
  contrast: ContrastAdd,
  text: string,
  found: Occurrence & { readonly whole: string },
  { model, speller }: Reader,
): Promise<readonly TokenActivation[]> {
  const { whole, at } = found;
  const variant = whole.slice(0, at) + text + whole.slice(at + found.text.length);
  const ids = speller.encode(variant);
  const spelled = tokenSpans(ids, speller);
  if (spelled.text !== variant) throw misaligned(contrast);
  const tokens = tokensWithin(spelled, at, at + text.length);
  const seen = await activationsAt(model, ids, contrast.point.name);
  return tokens.map((token) => ({ token, h: seen[token] as Float64Array }));
}

/** The activation at a point after every token, [d_model] each. */
async function activationsAt(
  model: Model,
  ids: readonly number[],
  wanted: PointName,
): Promise<readonly Float64Array[]> {
  let seen: readonly Float64Array[] | null = null;
  const hook = ({
    point,
    time,
    width,
    data,
  }: {
    point: PointName;
    time: number;
    width: number;
    data: Float32Array;
  }) => {
    if (point !== wanted) return;
    seen = Array.from({ length: time }, (_, t) =>
      Float64Array.from(data.subarray(t * width, (t + 1) * width)),
    );
  };
  await model.step([ids], emptyCache(model.config.layers, 1), { hook });
  if (seen === null) throw new OversightError('hook-misfired', `the source has no hook at ${wanted}`);
  return seen;
}

function vectorOf({ map, unit }: ContrastAdd, plus: Float64Array, minus: Float64Array): Float64Array {
  const difference = plus.map((x, i) => x - (minus[i] as number));
  const vector = map === null ? difference : map.mapVector(difference, [plus, minus]);
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
