import type {
  EvidenceRun,
  Measure,
  Prompt,
  PromptResult,
  Suite,
} from '../../../protocols/artifacts/index.ts';
import type { Model } from '../engine/model.ts';
import type { Tokenizer } from '../engine/tokenizer.ts';
import { graderOf } from '../graders/grade.ts';
import {
  type Grader,
  type LogitGrader,
  type ProbeGrader,
  type TextGrader,
  UNSCORED,
} from '../graders/grader.ts';
import type { TeacherRows } from '../graders/teacher.ts';
import { type Answer, type NamedCondition, runSet } from './run-set.ts';
import { scoreSet } from './score-set.ts';

/** What is measured on one set. */
export interface PlannedSet {
  readonly prompts: readonly Prompt[];
  readonly measures: readonly Measure[];
  /** The first is the unedited model. */
  readonly conditions: readonly NamedCondition[];
  /** The measure that the random controls are for. */
  readonly effect: string;
}

export interface Tools {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly decoding: Suite['decoding'];
  readonly teachers: ReadonlyMap<string, TeacherRows>;
  /** Prompts under conditions that are done. */
  readonly onBatch: (prompts: number) => void;
}

/**
 * Runs of every measure of a set under every condition it is for: controls where it is the effect, and no unedited model
 * where it reads a probe. Texts are decoded once for all measures that read them.
 */
export async function measureSet(set: PlannedSet, tools: Tools): Promise<readonly EvidenceRun[]> {
  const graders = set.measures.map((measure) => ({ measure, grader: graderOf(measure, tools.teachers) }));
  const answers = graders.some(({ grader }) => grader.reads !== 'logits') ? await decode(set, tools) : [];
  const scored = await score(set, graders.filter(readsLogits), tools);
  return graders.flatMap(({ measure, grader }) =>
    grader.reads === 'logits'
      ? (scored.get(measure) ?? [])
      : set.conditions.flatMap((condition, c) =>
          isMeasured(set, measure, condition) && !(grader.reads === 'probe' && condition.condition === null)
            ? [answered(set, measure, grader, condition, answers[c] as readonly Answer[])]
            : [],
        ),
  );
}

interface Graded<G extends Grader> {
  readonly measure: Measure;
  readonly grader: G;
}

function readsLogits(each: Graded<Grader>): each is Graded<LogitGrader> {
  return each.grader.reads === 'logits';
}

/** Whether some measure reads texts, or probes beside them, so that a set has to be decoded. */
export function decodes(measures: readonly Measure[]): boolean {
  return measures.some((measure) => graderOf(measure, new Map()).reads !== 'logits');
}

function isMeasured({ effect }: PlannedSet, { id }: Measure, { seed }: NamedCondition): boolean {
  return seed === null || id === effect;
}

/** Prompts under conditions that a set takes: once for its texts and once for each measure that reads logits. */
export function workOf(set: PlannedSet, teachers: ReadonlyMap<string, TeacherRows>): number {
  const { prompts, measures, conditions } = set;
  const logits = measures.filter((measure) => graderOf(measure, teachers).reads === 'logits');
  const forced = logits.map((measure) => conditions.filter((each) => isMeasured(set, measure, each)).length);
  const decoded = logits.length < measures.length ? conditions.length : 0;
  return prompts.length * forced.reduce((sum, each) => sum + each, decoded);
}

function decode({ prompts, conditions }: PlannedSet, { model, tokenizer, decoding, onBatch }: Tools) {
  const edits = conditions.map(({ condition }) => condition);
  return runSet(model, tokenizer, prompts, edits, decoding, onBatch);
}

/** Measures under the same conditions are scored together; the effect has controls besides, where there are any. */
async function score(
  set: PlannedSet,
  graders: readonly Graded<LogitGrader>[],
  { model, tokenizer, onBatch }: Tools,
): Promise<ReadonlyMap<Measure, readonly EvidenceRun[]>> {
  const { prompts } = set;
  const runs = new Map<Measure, readonly EvidenceRun[]>();
  const conditionsOf = (measure: Measure) => set.conditions.filter((each) => isMeasured(set, measure, each));
  for (const group of Map.groupBy(graders, ({ measure }) => conditionsOf(measure).length).values()) {
    const conditions = conditionsOf((group[0] as Graded<LogitGrader>).measure);
    const edits = conditions.map(({ condition }) => condition);
    const own = group.map(({ grader }) => grader);
    const scored = await scoreSet(model, tokenizer, prompts, edits, own);
    for (const [g, { measure }] of group.entries())
      runs.set(
        measure,
        conditions.flatMap((condition, c) => {
          const seen = scored[g]?.[c];
          if (seen === undefined) return [];
          const results = prompts.map(({ id }, index) => ({ id, ...(seen.graded[index] ?? UNSCORED) }));
          return [runOf(measure, condition, seen.hook, results)];
        }),
      );
    onBatch(prompts.length * conditions.length * group.length);
  }
  return runs;
}

function answered(
  { prompts }: PlannedSet,
  measure: Measure,
  grader: TextGrader | ProbeGrader,
  condition: NamedCondition,
  answers: readonly Answer[],
): EvidenceRun {
  const hook = {
    expected: answers.reduce((sum, answer) => sum + answer.hook.expected, 0),
    applied: answers.reduce((sum, answer) => sum + answer.hook.applied, 0),
  };
  const results = prompts.map((prompt, index): PromptResult => {
    const { text, firstLogProb, margin, reads } = answers[index] as Answer;
    if (grader.reads === 'text')
      return { id: prompt.id, outcome: grader.grade(prompt, text), text, firstLogProb, margin };
    const reading = measure.grader === 'auroc/1' ? reads.get(measure.params.read) : undefined;
    return { id: prompt.id, ...(typeof reading === 'number' ? grader.grade(prompt, reading) : UNSCORED) };
  });
  return runOf(measure, condition, hook, results);
}

function runOf(
  measure: Measure,
  { name, seed }: NamedCondition,
  hook: EvidenceRun['hook'],
  results: PromptResult[],
): EvidenceRun {
  const drawn = seed === null ? {} : { controlSeed: seed };
  return { condition: name, measure: measure.id, ...drawn, hook, results };
}
