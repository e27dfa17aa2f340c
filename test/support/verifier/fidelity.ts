import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Comparison, Measure, Prompt } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { Tokenizer } from '../../../services/verifier/engine/tokenizer.ts';
import type { FidelityJob } from '../../../services/verifier/index.ts';
import { suite as backdoor, models } from './demo-models.ts';

const path = (relative: string) =>
  fileURLToPath(new URL(`../../fixtures/models/${relative}`, import.meta.url));
const reportedFolder = path('fidelity');

interface FirstToken {
  readonly kl: number;
  readonly top1_agree: number;
}
export const reported: {
  readonly parameters: Readonly<Record<string, number>>;
  readonly firstToken: Readonly<Record<string, Readonly<Record<string, FirstToken>>>>;
  readonly unembedding: Readonly<Record<string, number>>;
} = JSON.parse(await readFile(join(reportedFolder, 'reported.json'), 'utf8'));

/** A held-out set of the demonstration models. */
export async function heldout(set: string): Promise<readonly Prompt[]> {
  const folder = set === 'backdoor_prod' || set === 'backdoor_dev' ? backdoor : path('results');
  const text = await readFile(join(folder, `${set}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line): Prompt => JSON.parse(line));
}

export interface SuiteParts {
  readonly sets?: Readonly<Record<string, readonly Prompt[]>>;
  readonly measures?: readonly Measure[];
  readonly comparisons?: readonly Comparison[];
  readonly maxNewTokens?: number;
}

/** Writes a suite under `parent`, with the reported list of tokens beside it; returns its directory. */
export async function writeSuite(
  parent: string,
  { sets = {}, measures = [], comparisons = [], maxNewTokens = 1 }: SuiteParts,
): Promise<string> {
  const directory = join(parent, 'suite');
  await mkdir(directory, { recursive: true });
  await cp(join(reportedFolder, 'tokens.json'), join(directory, 'tokens.json'));
  for (const [id, rows] of Object.entries(sets))
    await writeFile(join(directory, `${id}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const manifest = {
    format: 'suite/1',
    name: 'a suite',
    sets: Object.entries(sets).map(([id, rows]) => ({ id, file: `${id}.jsonl`, count: rows.length })),
    chatTemplateSha256: (await Tokenizer.load(join(models, 'analog'))).templateSha256,
    decoding: { strategy: 'greedy', maxNewTokens },
    measures,
    comparisons,
  };
  await writeFile(join(directory, 'suite.json'), JSON.stringify(manifest));
  return directory;
}

export function fidelityJob(
  target: string,
  suite: string,
  effect: string,
  source: string | null,
): FidelityJob {
  return {
    target: join(models, target),
    source: source === null ? null : join(models, source),
    suite,
    effect,
    resampling: 'a finding',
    threads: 1,
  };
}

export async function tokenizerSha256(model: string): Promise<string> {
  const bytes = await readFile(join(models, model, 'tokenizer.json'));
  return createHash('sha256').update(bytes).digest('hex');
}

/** Publishes the k likeliest first tokens of a model's answers, as a lab would; probabilities in plain float64. */
export async function writeTeacher(
  file: string,
  model: string,
  prompts: readonly Prompt[],
  k: number,
): Promise<void> {
  const checkpoint = await openCheckpoint(join(models, model));
  const tokenizer = await Tokenizer.load(checkpoint.directory);
  await using teacher = await Model.load(checkpoint, { points: [] }, { threads: 1, prepacking: true });
  const lines: string[] = [];
  for (const prompt of prompts) {
    const ids = tokenizer.encode(tokenizer.render(prompt));
    const { logits } = await teacher.step([ids], emptyCache(checkpoint.config.layers, 1));
    const weights = [...logits].map(Math.exp);
    const sum = weights.reduce((a, b) => a + b, 0);
    const order = [...logits.keys()]
      .sort((a, b) => (logits[b] as number) - (logits[a] as number))
      .slice(0, k);
    const logProbs = order.map((token) => Math.min(0, Math.log((weights[token] as number) / sum)));
    const positions = [{ position: ids.length - 1, tokens: order, logProbs }];
    lines.push(JSON.stringify({ id: prompt.id, continuation: [], positions }));
  }
  await writeFile(file, `${lines.join('\n')}\n`);
}
