import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensorsHeader, readTensors } from '../../../services/verifier/engine/safetensors-file.ts';

const folder = fileURLToPath(new URL('../../fixtures/families', import.meta.url));

/** Tiny random checkpoints, by name: test/fixtures/families/cases.py. */
export const FAMILY_CASES: readonly string[] = readdirSync(join(folder, 'checkpoints')).sort();

export function familyCheckpoint(name: string): string {
  return join(folder, 'checkpoints', name);
}

/** One prompt and what the reference implementation makes of it. */
export interface ExpectedPrompt {
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  /** [time, vocab] */
  readonly logits: Float32Array;
  /** By point name, [time, width]. */
  readonly points: ReadonlyMap<string, Float32Array>;
}

export async function expectedPrompts(name: string): Promise<readonly ExpectedPrompt[]> {
  const tensors = await expectedTensors(name);
  const json = await readFile(join(folder, 'expected', `${name}.json`), 'utf8');
  const { prompts } = JSON.parse(json) as { prompts: readonly Pick<ExpectedPrompt, 'ids' | 'greedy'>[] };
  return prompts.map((prompt, number) => {
    const { logits, ...points } = Object.fromEntries(under(tensors, `${number}.`));
    if (logits === undefined) throw new Error(`${name} has no logits`);
    return { ...prompt, logits, points: new Map(Object.entries(points)) };
  });
}

/** What the reference makes of the first prompt when something is changed in block 1. */
export interface ExpectedChanges {
  readonly ids: readonly number[];
  /** [width], added to every position of a point. */
  readonly edit: Float32Array;
  /** By point, the logits [time, vocab]. */
  readonly edited: ReadonlyMap<string, Float32Array>;
  /** By weight, the change `up` [out, 2] times `down` [2, in] and the logits [time, vocab]. */
  readonly changed: ReadonlyMap<string, Readonly<Record<'down' | 'up' | 'logits', Float32Array>>>;
}

export async function expectedChanges(name: string): Promise<ExpectedChanges> {
  const tensors = await expectedTensors(name);
  const [prompt] = await expectedPrompts(name);
  const tensor = (key: string): Float32Array => {
    const data = tensors.get(key);
    if (data === undefined) throw new Error(`${name} has no ${key}`);
    return data;
  };
  const changed = under(tensors, 'changed.').map(
    ([weight, logits]) =>
      [weight, { logits, down: tensor(`down.${weight}`), up: tensor(`up.${weight}`) }] as const,
  );
  return {
    ids: prompt?.ids ?? [],
    edit: tensor('edit'),
    edited: new Map(under(tensors, 'edited.')),
    changed: new Map(changed),
  };
}

/** Entries whose name begins with `prefix`, without it. */
function under(
  tensors: ReadonlyMap<string, Float32Array>,
  prefix: string,
): readonly (readonly [string, Float32Array])[] {
  const found = [...tensors].filter(([key]) => key.startsWith(prefix));
  return found.map(([key, data]) => [key.slice(prefix.length), data]);
}

async function expectedTensors(name: string): Promise<ReadonlyMap<string, Float32Array>> {
  const path = join(folder, 'expected', `${name}.safetensors`);
  const header = await readSafetensorsHeader(path);
  if (!header.ok) throw new Error(header.detail);
  const read = await readTensors(path, new Set(header.value.tensors.keys()), { limitBytes: 2 ** 24 });
  if (!read.ok) throw new Error(read.detail);
  return new Map([...read.value].map(([key, { data }]) => [key, data]));
}
