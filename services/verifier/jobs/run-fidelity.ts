import type { Comparison, Measure } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { openCheckpoint } from '../engine/checkpoint.ts';
import { Model } from '../engine/model.ts';
import { defaultOptions, describeEnvironment } from '../engine/runtime.ts';
import { Tokenizer } from '../engine/tokenizer.ts';
import { compareModels } from '../fidelity/compare.ts';
import { estimateOf, estimateRow } from './estimates.ts';
import type { FidelityJob, Progress, RerunOutcome } from './job.ts';
import { findMeasure, type LoadedSuite, loadSuite, suiteInvalid } from './load-suite.ts';
import { loadTeachers } from './load-teachers.ts';
import { measureSet } from './measure-set.ts';
import { countRow } from './tally.ts';

type Found = Pick<RerunOutcome, 'counts' | 'estimates'> & {
  readonly evidence: Pick<RerunOutcome['evidence'], 'runs' | 'comparisons'>;
};

/**
 * Measures one thing of the analog as it is: a comparison with its source, or how it reads a teacher's words.
 * @throws OversightError with the code that ends the job.
 */
export async function runFidelity(
  job: FidelityJob,
  onProgress: (progress: Progress) => void,
): Promise<RerunOutcome> {
  const started = performance.now();
  const checkpoint = await openCheckpoint(job.target);
  const suite = await loadSuite(job.suite);
  const comparison = suite.suite.comparisons?.find(({ id }) => id === job.effect);
  const { counts, estimates, evidence } =
    comparison === undefined
      ? await measure(job, findMeasure(suite.suite, job.effect), suite, onProgress)
      : await compare(job, comparison, suite);
  const environment = describeEnvironment(checkpoint, await defaultOptions(checkpoint, job, false));
  return {
    counts,
    tables: [],
    estimates,
    differences: [],
    evidence: { format: 'evidence/1', environment, ...evidence },
    environment,
    timings: { loadMs: 0, runMs: performance.now() - started, generations: 0 },
  };
}

async function compare(job: FidelityJob, comparison: Comparison, { prompts }: LoadedSuite): Promise<Found> {
  const { source, target, suite, resampling } = job;
  if (source === null)
    throw new OversightError(
      'finding-invalid',
      `${comparison.id} compares two models, the finding names one`,
    );
  const { features } = comparison;
  const set = features.kind === 'stream' ? (prompts.get(features.set) ?? []) : [];
  const seen = await compareModels(comparison, {
    source,
    target,
    suite,
    prompts: set,
    resampling,
    engine: job,
  });
  const about = { condition: 'treated', measure: comparison.id, n: seen.items.length, unscored: 0 };
  return {
    counts: [],
    estimates: [estimateRow(about, seen)],
    evidence: { runs: [], comparisons: [seen] },
  };
}

async function measure(
  job: FidelityJob,
  measured: Measure,
  { suite, prompts }: LoadedSuite,
  onProgress: (progress: Progress) => void,
): Promise<Found> {
  const checkpoint = await openCheckpoint(job.target);
  const tokenizer = await Tokenizer.load(job.target);
  if (suite.chatTemplateSha256 !== tokenizer.templateSha256)
    throw suiteInvalid('template-mismatch', "the suite was made for another chat template than the target's");
  const teachers = await loadTeachers(job.suite, [measured], job.target);
  const options = await defaultOptions(checkpoint, job, false);
  await using model = await Model.load(checkpoint, { points: [] }, options);
  const set = {
    prompts: prompts.get(measured.set) ?? [],
    measures: [measured],
    conditions: [{ name: 'treated', condition: null, seed: null }],
    effect: measured.id,
  };
  const { decoding } = suite;
  const total = set.prompts.length;
  let done = 0;
  const onBatch = (more: number) => {
    done += more;
    onProgress({ done, total });
  };
  const runs = await measureSet(set, { model, tokenizer, decoding, teachers, onBatch });
  return {
    counts: runs.map(countRow),
    estimates: runs.flatMap((run) => estimateOf(run, measured, set.prompts, job.resampling) ?? []),
    evidence: { runs: [...runs] },
  };
}
