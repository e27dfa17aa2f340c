import type { EvidenceRun, Measure, Prompt } from '../../../protocols/artifacts/index.ts';
import { describeEnvironment } from '../engine/runtime.ts';
import { graderOf } from '../graders/grade.ts';
import type { Progress, RerunJob, RerunOutcome } from './job.ts';
import { findMeasure, type LoadedSuite, loadSuite, suiteInvalid } from './load-suite.ts';
import { type Answer, type NamedCondition, runSet } from './run-set.ts';
import { countRow, pairedTable } from './tally.ts';
import { Workbench } from './workbench.ts';

/**
 * Runs a job in this process; `rerun` runs it in a child, which is where a stranger's files belong.
 * @throws OversightError with the code that ends the job.
 */
export async function runJob(job: RerunJob, onProgress: (progress: Progress) => void): Promise<RerunOutcome> {
  const started = performance.now();
  await using workbench = await Workbench.open(job);
  const { model, tokenizer, checkpoint, options } = workbench;
  const suite = await loadSuite(job.suite);
  const plan = planSets(job, suite, workbench);
  if (suite.suite.chatTemplateSha256 !== tokenizer.templateSha256)
    throw suiteInvalid('template-mismatch', "the suite was made for another chat template than the target's");
  const loaded = performance.now();

  const total = plan.reduce((sum, { prompts, conditions }) => sum + prompts.length * conditions.length, 0);
  let done = 0;
  const runs: EvidenceRun[] = [];
  for (const { prompts, conditions, measures } of plan) {
    const edits = conditions.map(({ condition }) => condition);
    const answers = await runSet(model, tokenizer, prompts, edits, suite.suite.decoding, (more) => {
      done += more;
      onProgress({ done, total });
    });
    for (const measure of measures)
      for (const [c, condition] of conditions.entries())
        if (condition.seed === null || measure.id === job.effect)
          runs.push(evidenceRun(measure, condition, prompts, answers[c] as readonly Answer[]));
  }
  const environment = describeEnvironment(checkpoint, options);
  return {
    counts: runs.map(countRow),
    tables: tablesOf(runs, job),
    evidence: { format: 'evidence/1', environment, runs },
    environment,
    timings: { loadMs: loaded - started, runMs: performance.now() - loaded, generations: total },
  };
}

interface PlannedSet {
  readonly prompts: readonly Prompt[];
  readonly measures: readonly Measure[];
  readonly conditions: readonly NamedCondition[];
}

/** Each set is decoded once for all the measures that read it; controls only where the effect is measured. */
function planSets(
  job: RerunJob,
  { suite, prompts }: LoadedSuite,
  workbench: Workbench,
): readonly PlannedSet[] {
  const effect = findMeasure(suite, job.effect);
  const wanted = new Set([job.effect, ...job.gates]);
  for (const gate of job.gates) findMeasure(suite, gate);
  const measures = suite.measures.filter((measure) => wanted.has(measure.id));
  return suite.sets
    .map((set) => ({
      prompts: prompts.get(set.id) ?? [],
      measures: measures.filter((measure) => measure.set === set.id),
      conditions: conditionsOf(workbench, set.id === effect.set ? job.controlSeeds : []),
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

function evidenceRun(
  measure: Measure,
  condition: NamedCondition,
  prompts: readonly Prompt[],
  answers: readonly Answer[],
): EvidenceRun {
  const grader = graderOf(measure, new Map());
  if (grader.reads !== 'text') throw suiteInvalid('measure-unsupported', `${measure.grader} is not run here`);
  const results = prompts.map((prompt, index) => {
    const { text, firstLogProb, margin } = answers[index] as Answer;
    return { id: prompt.id, outcome: grader.grade(prompt, text), text, firstLogProb, margin };
  });
  const sum = (pick: (answer: Answer) => number) =>
    answers.reduce((total, answer) => total + pick(answer), 0);
  const hook = { expected: sum((a) => a.hook.expected), applied: sum((a) => a.hook.applied) };
  const seed = condition.seed === null ? {} : { controlSeed: condition.seed };
  return { condition: condition.name, measure: measure.id, ...seed, hook, results };
}

function tablesOf(runs: readonly EvidenceRun[], job: RerunJob): RerunOutcome['tables'] {
  const find = (condition: string, measure: string) =>
    runs.find((run) => run.condition === condition && run.measure === measure);
  return runs.flatMap((right) => {
    if (right.condition === 'treated') {
      const left = find('baseline', right.measure);
      return left === undefined ? [] : [pairedTable(left, right)];
    }
    const treated = right.controlSeed === undefined ? undefined : find('treated', job.effect);
    return treated === undefined ? [] : [pairedTable(right, treated)];
  });
}
