import type { Magnitude, OversightPolicy } from '../kinds/index.ts';
import type { FrontierEntry } from '../record/index.ts';
import { formatDay } from './calendar.ts';
import type { Case } from './case.ts';
import { type Finding, fact, met, notMet, unknown } from './result.ts';

/** Whether the model reaches a threshold. spec 18-oversight §4, M2 */
export function judgeThresholds({ policy, dossier: { frontier }, clock }: Case): Finding {
  const released = formatDay(clock.day);
  const thresholds = policy.thresholds.filter(({ since }) => since <= released);
  if (thresholds.length === 0) return met('no-thresholds');
  let missing: string | null = null;
  for (const { measure, least, source } of thresholds) {
    const figure = figureOf(frontier, measure);
    if (figure === null) missing ??= measure;
    else if (figure >= wholeOf(least))
      return met('above-threshold', fact(measure, figure.toString(), frontier), fact('source', source));
  }
  return missing === null
    ? notMet('below-thresholds')
    : unknown('figure-unknown', fact(missing, null, frontier));
}

type Measure = OversightPolicy['thresholds'][number]['measure'];

function figureOf(
  { operations, users, revenueUsd, parameters }: FrontierEntry,
  measure: Measure,
): bigint | null {
  if (measure === 'operations') return operations === null ? null : wholeOf(operations);
  const figure = { users, 'revenue-usd': revenueUsd, parameters }[measure];
  return figure === null ? null : BigInt(figure);
}

/** Magnitudes are compared as whole numbers. */
function wholeOf({ significand, exponent }: Magnitude): bigint {
  return BigInt(significand) * 10n ** BigInt(exponent);
}

export type Mode = 'voluntary' | 'mandatory';

/** The phase on the day of the frontier release; voluntary before the first. */
export function phaseOf({ policy, clock }: Case): Mode {
  const released = formatDay(clock.day);
  return policy.phases.findLast(({ from }) => from <= released)?.mode ?? 'voluntary';
}

/** spec 18-oversight §4, M20 */
export function judgePhase(given: Case): Finding {
  return met(phaseOf(given) === 'mandatory' ? 'phase-mandatory' : 'phase-voluntary');
}

/** spec 18-oversight §4, M21 */
export function judgeWithheld({ dossier: { frontier } }: Case): Finding {
  const { withheld } = frontier;
  if (withheld.length === 0) return met('nothing-withheld');
  const bare = withheld.find(({ reason }) => reason === null);
  if (bare !== undefined) return notMet('withheld-without-reason', fact(bare.field, null, frontier));
  return met(
    'withheld-with-reason',
    ...withheld.map(({ field, reason, retainedUntil }) =>
      fact(field, `${reason}, retained until ${retainedUntil}`, frontier),
    ),
  );
}
