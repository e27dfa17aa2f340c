import type { EvidenceRun, Measure } from '../../../protocols/artifacts/index.ts';
import { describeEnvironment } from '../engine/runtime.ts';
import { differenceOf, estimateOf } from './estimates.ts';
import type { Progress, RerunJob, RerunOutcome } from './job.ts';
import { findMeasure, type LoadedSuite, loadSuite, suiteInvalid } from './load-suite.ts';
import { loadTeachers } from './load-teachers.ts';
import { decodes, measureSet, type PlannedSet, workOf } from './measure-set.ts';
import type { NamedCondition } from './run-set.ts';
import { countRow, pairedTable } from './tally.ts';
import { Workbench } from './workbench.ts';

/**
 * Runs a job in this process; `rerun` runs it in a child, which is where a stranger's files belong.
 * @throws OversightError with the code that ends the job.
 */
export async function runJob(job: RerunJob, onProgress: (progress: Progress) => void): Promise<RerunOutcome> {
  const started = performance.now();
  const suite = await loadSuite(job.suite);
  await using workbench = await Workbench.open(job, decodes(wantedMeasures(job, suite)));
  const { model, tokenizer, checkpoint, options } = workbench;
  const plan = planSets(job, suite, workbench);
  const measures = plan.flatMap((set) => set.measures);
  const teachers = await loadTeachers(job.suite, measures, job.target);
  if (suite.suite.chatTemplateSha256 !== tokenizer.templateSha256)
    throw suiteInvalid('template-mismatch', "the suite was made for another chat template than the target's");
  const loaded = performance.now();

  const total = plan.reduce((sum, set) => sum + workOf(set, teachers), 0);
  let done = 0;
  const onBatch = (more: number) => {
    done += more;
    onProgress({ done, total });
  };
  const { decoding } = suite.suite;
  const results: MeasuredSet[] = [];
  for (const set of plan) {
    const runs = await measureSet(set, { model, tokenizer, decoding, teachers, onBatch });
    results.push({ set, runs });
  }
  const runs = results.flatMap((each) => each.runs);
  const effectSet = plan.find((set) => set.measures.some(({ id }) => id === job.effect));
  const maps = await workbench.fitMaps(
    (effectSet?.prompts ?? []).map((prompt) => tokenizer.encodePrompt(prompt)),
  );
  const environment = describeEnvironment(checkpoint, options);
  return {
    counts: runs.map(countRow),
    tables: pairsOf(runs, job).map(([left, right]) => pairedTable(left, right)),
    estimates: results.flatMap((each) => estimatesOf(each, job)),
    differences: pairsOf(runs, job).flatMap(([left, right]) => {
      const measure = measures.find(({ id }) => id === right.measure) as Measure;
      return differenceOf(left, right, measure, job.resampling) ?? [];
    }),
    evidence: { format: 'evidence/1', environment, runs, ...(maps.length > 0 && { maps: [...maps] }) },
    environment,
    timings: { loadMs: loaded - started, runMs: performance.now() - loaded, generations: total },
  };
}

interface MeasuredSet {
  readonly set: PlannedSet;
  readonly runs: readonly EvidenceRun[];
}

/** @throws OversightError `suite-invalid` for a measure that the suite does not have */
function wantedMeasures(job: RerunJob, { suite }: LoadedSuite): readonly Measure[] {
  const wanted = new Set([job.effect, ...job.gates]);
  for (const id of wanted) findMeasure(suite, id);
  return suite.measures.filter(({ id }) => wanted.has(id));
}

/** Each set is decoded once for all the measures that read its texts; controls only where the effect is measured. */
function planSets(job: RerunJob, loaded: LoadedSuite, workbench: Workbench): readonly PlannedSet[] {
  const { suite, prompts } = loaded;
  const effect = findMeasure(suite, job.effect);
  const measures = wantedMeasures(job, loaded);
  return suite.sets
    .map((set) => ({
      prompts: prompts.get(set.id) ?? [],
      measures: measures.filter((measure) => measure.set === set.id),
      conditions: conditionsOf(workbench, set.id === effect.set ? job.controlSeeds : []),
      effect: job.effect,
    }))
    .filter((set) => set.measures.length > 0);
}

function conditionsOf(
  { treated, affine, controls }: Workbench,
  seeds: readonly string[],
): readonly NamedCondition[] {
  return [
    { name: 'baseline', condition: null, seed: null },
    { name: 'treated', condition: treated, seed: null },
    ...(affine === null ? [] : [{ name: 'affine', condition: affine, seed: null }]),
    ...seeds.map((seed, index) => ({
      name: controlName(index, seeds.length),
      condition: controls[index] ?? null,
      seed,
    })),
  ];
}

/** `control`, or `control-1`… where there are several. */
function controlName(index: number, count: number): string {
  return count === 1 ? 'control' : `control-${index + 1}`;
}

function estimatesOf({ set, runs }: MeasuredSet, { resampling }: RerunJob): RerunOutcome['estimates'] {
  return runs.flatMap((run) => {
    const measure = set.measures.find(({ id }) => id === run.measure) as Measure;
    return estimateOf(run, measure, set.prompts, resampling) ?? [];
  });
}

/** Runs of one measure to compare: baseline beside treated, and for the effect each control beside treated. */
function pairsOf(runs: readonly EvidenceRun[], job: RerunJob): (readonly [EvidenceRun, EvidenceRun])[] {
  const find = (condition: string, measure: string) =>
    runs.find((run) => run.condition === condition && run.measure === measure);
  return runs.flatMap((run): (readonly [EvidenceRun, EvidenceRun])[] => {
    if (run.condition === 'treated') {
      const baseline = find('baseline', run.measure);
      return baseline === undefined ? [] : [[baseline, run]];
    }
    const treated = run.controlSeed === undefined ? undefined : find('treated', job.effect);
    return treated === undefined ? [] : [[run, treated]];
  });
}
