import type { Evidence, EvidenceRun } from '../artifacts/index.ts';
import type { Estimate } from '../kinds/index.ts';

const MILLION = 1_000_000;

/**
 * Whether each estimate is what the scores in the evidence come to: the weighted mean of a run, or a comparison of two
 * models as the evidence has it. Areas under a curve need labels that the evidence does not repeat, and bounds need the
 * random numbers of 07-verdict §9: a re-run shows those.
 */
export function estimatesHold(estimates: readonly Estimate[], { runs, comparisons = [] }: Evidence): boolean {
  return estimates.every((estimate) => {
    const compared = comparisons.filter(({ comparison }) => comparison === estimate.measure);
    if (compared.length > 0) return compared.some(({ value }) => isNear(value, estimate));
    const own = runs.filter((run) => run.measure === estimate.measure && nameOf(run) === estimate.condition);
    if (estimate.chance !== undefined) return own.length > 0;
    return own.some((run) => {
      const mean = meanOf(run);
      return mean !== null && mean.n === estimate.n && isNear(mean.value, estimate);
    });
  });
}

function meanOf({ results }: EvidenceRun): { readonly n: number; readonly value: number } | null {
  const scored = results.flatMap((each) =>
    'score' in each && each.score !== null ? [{ score: each.score, weight: each.weight }] : [],
  );
  if (scored.length === 0) return null;
  const sum = scored.reduce((total, { score, weight }) => total + score * weight, 0);
  return { n: scored.length, value: sum / scored.reduce((total, { weight }) => total + weight, 0) };
}

/** Sums may be taken in another order, and the evidence is text. */
function isNear(value: number, { valueMicro }: Estimate): boolean {
  return Math.abs(value * MILLION - valueMicro) <= 1 + Math.abs(valueMicro) * 1e-9;
}

/** A verdict does not number its random controls. */
function nameOf({ condition }: EvidenceRun): string {
  return condition.startsWith('control') ? 'control' : condition;
}
