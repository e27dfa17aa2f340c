import type {
  Compared as ComparedEvidence,
  Comparison,
  PointName,
  Prompt,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { resampleSeed } from '../../../protocols/verdict/index.ts';
import { openCheckpoint } from '../engine/checkpoint.ts';
import type { EngineWish } from '../engine/runtime.ts';
import { Tokenizer } from '../engine/tokenizer.ts';
import { Random } from '../statistics/random.ts';
import { cka } from './cka.ts';
import { estimateStatistic, type PairStatistic } from './comparison.ts';
import { cosineCorrelation } from './cosine-correlation.ts';
import { type Compared, chooseTokens, streamRows, unembeddingRows } from './features.ts';
import { mutualKnn } from './mutual-knn.ts';
import type { Rows } from './rows.ts';

export interface Comparing {
  /** Directories. */
  readonly source: string;
  readonly target: string;
  readonly suite: string;
  /** Prompts of the set that the comparison names. */
  readonly prompts: readonly Prompt[];
  /** What random numbers follow from: the finding's id. */
  readonly resampling: string;
  readonly engine: EngineWish;
}

/**
 * One statistic of two models, with bounds and its null. Deterministic but for the rounding of the engine.
 * @throws OversightError `suite-invalid`, and those of opening and running the models
 */
export async function compareModels(comparison: Comparison, job: Comparing): Promise<ComparedEvidence> {
  const random = new Random(resampleSeed(job.resampling, comparison.id));
  const { items, source, target } = await rowsOf(comparison, job, random);
  const seen = estimateStatistic(statisticOf(comparison, source, target), random);
  // models whose rows are all alike have no correlation and no alignment
  if (![seen.value, seen.low, seen.high].every(Number.isFinite))
    throw new OversightError('suite-invalid', 'the statistic is not defined on these items', {
      details: { reason: 'comparison-degenerate' },
    });
  return { comparison: comparison.id, items: [...items], ...seen };
}

interface Matched {
  readonly items: readonly (number | string)[];
  readonly source: Rows;
  readonly target: Rows;
}

async function rowsOf({ features }: Comparison, job: Comparing, random: Random): Promise<Matched> {
  const source = await openModel(job.source);
  const target = await openModel(job.target);
  if (features.kind === 'unembedding') {
    const items = await chooseTokens(features, job.suite, [source, target], random);
    return {
      items,
      source: await unembeddingRows(source, items),
      target: await unembeddingRows(target, items),
    };
  }
  const { prompts } = job;
  const read = (model: Compared, point: string) =>
    streamRows(model, point as PointName, prompts, features.pool, job.engine);
  return {
    items: prompts.map(({ id }) => id),
    source: await read(source, features.source),
    target: await read(target, features.target),
  };
}

async function openModel(directory: string): Promise<Compared> {
  return { checkpoint: await openCheckpoint(directory), tokenizer: await Tokenizer.load(directory) };
}

function statisticOf(comparison: Comparison, source: Rows, target: Rows): PairStatistic {
  switch (comparison.statistic) {
    case 'cosine-correlation/1':
      return cosineCorrelation(source, target, comparison.params);
    case 'mutual-knn/1':
      return mutualKnn(source, target, comparison.params);
    case 'cka/1':
      return cka(source, target);
  }
}
