import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  COMPARED_LIMIT,
  decoderWeights,
  type Features,
  type PointName,
  type Prompt,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from '../engine/checkpoint.ts';
import { emptyCache } from '../engine/kv-cache.ts';
import { type Activations, Model } from '../engine/model.ts';
import { defaultOptions, type EngineWish } from '../engine/runtime.ts';
import { readRows } from '../engine/tensor-rows.ts';
import type { Tokenizer } from '../engine/tokenizer.ts';
import type { Random } from '../statistics/random.ts';
import type { Rows } from './rows.ts';

/** Fewer items say too little, and leave groups of the jackknife with one of them. spec 10-artifacts §8.4 */
const COMPARED_LEAST = 40;

/** A model to take rows from. */
export interface Compared {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
}

export type Unembedding = Extract<Features, { kind: 'unembedding' }>;
export type Stream = Extract<Features, { kind: 'stream' }>;

/**
 * Token ids to compare the unembeddings at: each must be the same piece of text in both models.
 * @throws OversightError `suite-invalid`
 */
export async function chooseTokens(
  { tokens }: Unembedding,
  suite: string,
  models: readonly Compared[],
  random: Random,
): Promise<readonly number[]> {
  const vocabulary = Math.min(...models.map(({ checkpoint }) => checkpoint.config.vocabSize));
  const ids =
    'file' in tokens
      ? await readTokens(join(suite, tokens.file))
      : [...random.permutation(vocabulary).subarray(0, tokens.sample)];
  checkCount(ids.length);
  if (ids.some((id) => id >= vocabulary) || new Set(ids).size < ids.length)
    throw unsuitable('tokens-invalid', 'a token occurs twice, or not in both vocabularies');
  const other = ids.find((id) => new Set(models.map(({ tokenizer }) => tokenizer.spell([id]))).size > 1);
  if (other !== undefined)
    throw unsuitable('tokenizer-mismatch', `token ${other} is another text in each model`);
  return ids;
}

export async function unembeddingRows({ checkpoint }: Compared, tokens: readonly number[]): Promise<Rows> {
  const { head } = decoderWeights(checkpoint.config, (name) => checkpoint.tensors.has(name));
  if (head.stored !== 'out-in')
    throw new OversightError('model-unsupported', 'an unembedding stored by columns is not compared');
  return { count: tokens.length, ...(await readRows(checkpoint, head.weight, tokens)) };
}

/** The residual stream at a point, one row a prompt. @throws OversightError `suite-invalid`, those of `Model` */
export async function streamRows(
  { checkpoint, tokenizer }: Compared,
  point: PointName,
  prompts: readonly Prompt[],
  pool: Stream['pool'],
  wish: EngineWish,
): Promise<Rows> {
  checkCount(prompts.length);
  const { width, layers } = checkpoint.config;
  const data = new Float64Array(prompts.length * width);
  const options = await defaultOptions(checkpoint, wish, false);
  await using model = await Model.load(checkpoint, { points: [point] }, options);
  for (const [index, prompt] of prompts.entries()) {
    const row = data.subarray(index * width, (index + 1) * width);
    const hook = (activations: Activations) => poolInto(row, activations, pool);
    const tokens = tokenizer.encodePrompt(prompt);
    await model.step([tokens], emptyCache(layers, 1), { hook });
  }
  return { count: prompts.length, width, data };
}

/** @param row [width] @param activations of one prompt, [1, time, width] */
function poolInto(row: Float64Array, { data, time, width }: Activations, pool: Stream['pool']): void {
  for (let t = pool === 'mean' ? 0 : time - 1; t < time; t++)
    for (let i = 0; i < width; i++) row[i] = (row[i] as number) + (data[t * width + i] as number);
  if (pool === 'mean') for (let i = 0; i < width; i++) row[i] = (row[i] as number) / time;
}

async function readTokens(path: string): Promise<readonly number[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new OversightError('suite-invalid', 'the list of tokens cannot be read', {
      cause,
      details: { reason: 'file-unreadable' },
    });
  }
  const isId = (id: unknown): id is number => typeof id === 'number' && Number.isInteger(id) && id >= 0;
  if (Array.isArray(json) && json.every(isId)) return json;
  throw unsuitable('tokens-invalid', 'not a list of token ids');
}

function checkCount(items: number): void {
  if (items < COMPARED_LEAST || items > COMPARED_LIMIT)
    throw unsuitable(
      'items-unsuitable',
      `${items} items: from ${COMPARED_LEAST} to ${COMPARED_LIMIT} are compared`,
    );
}

function unsuitable(reason: string, message: string): OversightError {
  return new OversightError('suite-invalid', message, { details: { reason } });
}
