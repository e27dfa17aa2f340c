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
  const path = join(folder, 'expected', `${name}.safetensors`);
  const header = await readSafetensorsHeader(path);
  if (!header.ok) throw new Error(header.detail);
  const read = await readTensors(path, new Set(header.value.tensors.keys()), { limitBytes: 2 ** 24 });
  if (!read.ok) throw new Error(read.detail);
  const json = await readFile(join(folder, 'expected', `${name}.json`), 'utf8');
  const { prompts } = JSON.parse(json) as { prompts: readonly Pick<ExpectedPrompt, 'ids' | 'greedy'>[] };
  return prompts.map((prompt, number) => {
    const mine = [...read.value].filter(([key]) => key.startsWith(`${number}.`));
    const tensors = new Map(mine.map(([key, { data }]) => [key.slice(`${number}.`.length), data]));
    const logits = tensors.get('logits');
    if (logits === undefined) throw new Error(`${name} has no logits`);
    tensors.delete('logits');
    return { ...prompt, logits, points: tensors };
  });
}
