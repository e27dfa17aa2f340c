import type { EvidenceRun, Measure, Prompt, PromptResult } from '../../../protocols/artifacts/index.ts';
import { resampleSeed } from '../../../protocols/verdict/index.ts';
import { textField } from '../graders/row-field.ts';
import { auroc } from '../statistics/auroc.ts';
import type { Chance, Interval } from '../statistics/interval.ts';
import { Random } from '../statistics/random.ts';
import { weightedMean } from '../statistics/weighted-mean.ts';
import type { DifferenceRow, EstimateRow } from './job.ts';

const MILLION = 1_000_000;
/** Largest number a verdict can hold, in millionths. */
const LIMIT_MICRO = 1_000_000_000_000;

/**
 * What a scored measure came to under one condition; null where nothing was scored. spec 07-verdict §9
 * @param prompts those of the run, in its order
 * @param resampling what random numbers follow from: the finding's id
 */
export function estimateOf(
  run: EvidenceRun,
  measure: Measure,
  prompts: readonly Prompt[],
  resampling: string,
): EstimateRow | null {
  const scored = run.results.flatMap((result, index) => scoreOf(result, prompts[index] as Prompt));
  const random = new Random(resampleSeed(resampling, measure.id));
  const seen = measure.grader === 'auroc/1' ? areaOf(scored, measure, random) : meanOf(scored, random);
  if (seen === null) return null;
  const items = { n: scored.length, unscored: run.results.length - scored.length };
  return estimateRow({ condition: run.condition, measure: measure.id, ...items }, seen);
}

/** Treated less another condition on the prompts that both scored; null for a measure that is no mean, or no prompts. */
export function differenceOf(
  other: EvidenceRun,
  treated: EvidenceRun,
  measure: Measure,
  resampling: string,
): DifferenceRow | null {
  if (measure.grader === 'auroc/1') return null;
  const pairs = treated.results.flatMap((result, index) => {
    const [own, before] = [scoreIn(result), scoreIn(other.results[index])];
    return own === null || before === null ? [] : [{ rise: own.score - before.score, weight: own.weight }];
  });
  const rises = pairs.map(({ rise }) => rise);
  const random = new Random(resampleSeed(resampling, measure.id));
  const weights = pairs.map(({ weight }) => weight);
  const seen = weightedMean(rises, weights, random);
  if (seen === null) return null;
  return {
    against: other.condition,
    measure: measure.id,
    n: rises.length,
    unscored: treated.results.length - rises.length,
    ...bounds(seen),
    higher: rises.filter((rise) => rise > 0).length,
    lower: rises.filter((rise) => rise < 0).length,
  };
}

/** In millionths. */
export function estimateRow(
  about: Pick<EstimateRow, 'condition' | 'measure' | 'n' | 'unscored'>,
  seen: Interval & { readonly chance?: Chance },
): EstimateRow {
  return { ...about, ...bounds(seen), ...(seen.chance === undefined ? {} : { chance: seen.chance }) };
}

interface ScoredPrompt {
  readonly prompt: Prompt;
  readonly score: number;
  readonly weight: number;
}

function scoreOf(result: PromptResult, prompt: Prompt): ScoredPrompt[] {
  const scored = scoreIn(result);
  return scored === null ? [] : [{ prompt, ...scored }];
}

/** Null for an unscored prompt, and for one of a measure that has no scores. */
function scoreIn(
  result: PromptResult | undefined,
): { readonly score: number; readonly weight: number } | null {
  if (result === undefined || !('score' in result) || result.score === null) return null;
  return { score: result.score, weight: result.weight };
}

function meanOf(scored: readonly ScoredPrompt[], random: Random): Interval | null {
  return weightedMean(
    scored.map(({ score }) => score),
    scored.map(({ weight }) => weight),
    random,
  );
}

function areaOf(
  scored: readonly ScoredPrompt[],
  { params }: Extract<Measure, { grader: 'auroc/1' }>,
  random: Random,
) {
  return auroc(
    scored.map(({ score }) => score),
    scored.map(({ prompt }) => textField(prompt, params.field) === params.positive),
    random,
  );
}

function bounds({ value, low, high }: Interval) {
  return { valueMicro: micro(value), lowMicro: micro(low), highMicro: micro(high) };
}

function micro(value: number): number {
  return Math.max(-LIMIT_MICRO, Math.min(LIMIT_MICRO, Math.round(value * MILLION)));
}
