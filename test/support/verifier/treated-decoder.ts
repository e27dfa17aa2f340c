import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { INTERVENTION_FILE } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import type { Reader } from '../../../services/verifier/interventions/contrast.ts';
import { loadIntervention, readIntervention } from '../../../services/verifier/interventions/load.ts';
import { openingsOf } from '../../../services/verifier/interventions/openings.ts';
import { type RealisedIntervention, realise } from '../../../services/verifier/interventions/realise.ts';
import type { Speller } from '../../../services/verifier/interventions/token-spans.ts';
import {
  type Condition,
  type Settled,
  TreatedRows,
} from '../../../services/verifier/interventions/treated-rows.ts';
import { Treatment } from '../../../services/verifier/interventions/treatment.ts';
import { contentCid } from '../samples.ts';
import { temporary } from './demo-models.ts';
import { type Numbers, type ReferenceOptions, referenceRun } from './reference-decoder.ts';
import { TINY_SHAPE, type TinyDecoder, tinyDecoder } from './tiny-decoder.ts';
import { type Tensor, writeSafetensors } from './write-safetensors.ts';

export const TARGET = contentCid('target');
export const SOURCE = contentCid('source');
const OPTIONS = { threads: 1, prepacking: false };

/** Narrower and shallower than the target, over the same tokens. */
const SOURCE_SHAPE = {
  ...TINY_SHAPE,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};

export const PROMPT: Numbers = [3, 14, 15, 92, 65, 35, 89];
export const OTHER_PROMPT: Numbers = [79, 14, 15, 2, 9, 1, 40];
export const CONTINUATION: Numbers = [79, 32, 38];

/** One character a token. */
export const LETTERS: Speller = {
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0) - 0x20),
  spell: (ids) => String.fromCharCode(...ids.map((id) => id + 0x20)),
};

export interface World {
  readonly directory: string;
  readonly target: TinyDecoder;
  readonly source: TinyDecoder;
}

async function tinyWorld(directory: string): Promise<World> {
  return {
    directory,
    target: await tinyDecoder(join(directory, 'target'), TINY_SHAPE),
    source: await tinyDecoder(join(directory, 'source'), SOURCE_SHAPE, 'source '),
  };
}

/** The same in a folder of its own, gone when the file's tests are over. */
export async function freshWorld(): Promise<World> {
  const home = await temporary();
  afterAll(() => home[Symbol.asyncDispose]());
  return tinyWorld(home.path);
}

export interface Published {
  readonly edits?: readonly object[];
  readonly reads?: readonly object[];
  readonly tensors?: Readonly<Record<string, Tensor>>;
}

export const ref = (tensor: string) => ({ file: 'tensors.safetensors', tensor });
export const stored = (tensor: string) => ({ kind: 'stored', tensor: ref(tensor) });

/** Publishes an intervention and reads it back as a verifier does. */
export async function publishAndLoad(
  { directory, target, source }: World,
  { edits = [], reads = [], tensors = {} }: Published,
): Promise<RealisedIntervention> {
  const folder = join(directory, 'intervention');
  const derivation = { method: 'm', source: TARGET, dataset: 'd', selection: 's' };
  const manifest = { format: 'intervention/2', base: TARGET, edits, reads, derivation };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, INTERVENTION_FILE), JSON.stringify(manifest));
  await writeFile(join(folder, 'tensors.safetensors'), writeSafetensors(tensors));
  const read = await readIntervention(folder, TARGET);
  const sources = new Map([[SOURCE as string, source.checkpoint]]);
  return realise(await loadIntervention(folder, read, target.checkpoint, sources), target.checkpoint);
}

/** Logits after every position and what was counted, of each row. */
export interface TreatedRun {
  readonly logits: readonly (readonly Float32Array[])[];
  readonly settled: readonly Settled[];
}

/** Runs a baseline row, a treated one and a treated one of another prompt as one batch: the prompts, then token by token. */
export async function runTreated(world: World, intervention: RealisedIntervention): Promise<TreatedRun> {
  const { target, source } = world;
  await using model = await Model.load(target.checkpoint, openingsOf(intervention, null), OPTIONS);
  await using beside = await Model.load(source.checkpoint, openingsOf(intervention, SOURCE), OPTIONS);
  const sources = new Map<ContentId, Reader>([[SOURCE, { model: beside, speller: LETTERS }]]);
  const treated = new Treatment(intervention, { target: { model, speller: LETTERS }, sources });
  return await runRows(model, [
    { prompt: PROMPT, condition: null },
    { prompt: PROMPT, condition: treated },
    { prompt: OTHER_PROMPT, condition: treated },
  ]);
}

/** Rows over their prompts and the one continuation. */
export async function runRows(
  model: Model,
  rows: readonly { readonly prompt: Numbers; readonly condition: Condition }[],
): Promise<TreatedRun> {
  const treated = await TreatedRows.bind(model, rows);
  const live = rows.map((_, index) => index);
  const logits: Float32Array[][] = rows.map(() => []);
  const keep = (flat: Float32Array) => {
    const vocab = model.config.vocabSize;
    const time = flat.length / (rows.length * vocab);
    for (const row of live)
      for (let t = 0; t < time; t++)
        logits[row]?.push(flat.slice((row * time + t) * vocab, (row * time + t + 1) * vocab));
  };
  const prompts = rows.map(({ prompt }) => prompt);
  let step = await treated.step(prompts, live, treated.begin(rows.length), 'all');
  keep(step.logits);
  for (const token of CONTINUATION) {
    step = await treated.step(
      live.map(() => [token]),
      live,
      step.state,
      'all',
    );
    keep(step.logits);
  }
  return { logits, settled: live.map((row) => treated.settle(row, CONTINUATION.length)) };
}

/** What the reference makes of a prompt and the continuation. */
export function reference(
  { target }: World,
  prompt: Numbers,
  options: ReferenceOptions = {},
): readonly Numbers[] {
  return referenceRun(target.checkpoint.config, target.tensors, [...prompt, ...CONTINUATION], options);
}

/** Largest |difference| over all positions, relative to the largest |logit|. */
export function logitError(actual: readonly Float32Array[], expected: readonly Numbers[]): number {
  const scale = Math.max(...expected.flat().map(Math.abs));
  const errors = expected.flatMap((row, t) => row.map((x, i) => Math.abs(x - (actual[t]?.[i] as number))));
  if (actual.length !== expected.length || errors.some(Number.isNaN)) return Number.POSITIVE_INFINITY;
  return Math.max(...errors) / scale;
}

/** A tensor's numbers, in float64. */
export const numbers = (tensor: Tensor | undefined): Numbers => [...(tensor?.data ?? [])];
export const dot = (a: Numbers, b: Numbers): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
export const plus = (a: Numbers, b: Numbers, factor = 1): Numbers =>
  a.map((x, i) => x + factor * (b[i] as number));
export const length = (a: Numbers): number => Math.sqrt(dot(a, a));
export const scaled = (a: Numbers, factor: number): Numbers => a.map((x) => factor * x);
/** matrix [rows, x.length] times x. */
export const times = (matrix: Numbers, x: Numbers): Numbers =>
  Array.from({ length: matrix.length / x.length }, (_, row) =>
    dot(matrix.slice(row * x.length, (row + 1) * x.length), x),
  );
