import {
  type Claim,
  type Difference,
  type Estimate,
  isRate,
  isRateGate,
  type ValueEffect,
  type ValueGate,
  type VerificationPolicy,
} from '../kinds/index.ts';
import type { RerunCounts } from './decide.ts';
import { isLossBeyondChance } from './exact.ts';
import type { Reason } from './reasons.ts';

const MILLION = 1_000_000;

type Condition = Estimate['condition'];

/** spec 07-verdict §7.3 */
export function findMissing(
  { effect, gates }: Claim,
  rerun: RerunCounts,
  { controls }: VerificationPolicy,
): string | null {
  for (const gate of gates) {
    if (isRateGate(gate)) continue;
    if (findDifferences(rerun, 'baseline', gate.measure).length !== 1)
      return `not one difference of ${gate.measure} from baseline`;
  }
  if (isRate(effect)) return null;
  const { measure, test } = effect;
  const [treated, second] = findEstimates(rerun, 'treated', measure);
  if (treated === undefined || second !== undefined) return `not one treated estimate of ${measure}`;
  if (test === 'chance' && treated.chance === undefined) return `${measure} is not compared with chance`;
  if (test === 'paired' && findDifferences(rerun, 'baseline', measure).length !== 1)
    return `not one difference of ${measure} from baseline`;
  const random = [
    findEstimates(rerun, 'control', measure).length,
    ...(test === 'paired' ? [findDifferences(rerun, 'control', measure).length] : []),
  ];
  const least = Math.min(...random);
  return least < controls ? `${least} of ${controls} random controls` : null;
}

export function effectRule(effect: ValueEffect, rerun: RerunCounts, { alphaPpm }: VerificationPolicy) {
  const treated = findEstimates(rerun, 'treated', effect.measure)[0] as Estimate;
  return {
    reached: () => judgeReached(effect, treated),
    change: () => judgeTest(effect, treated, rerun, alphaPpm),
    controls: () => judgeControls(effect, treated, rerun, alphaPpm),
  };
}

/** spec 07-verdict §7.4 */
function judgeReached(effect: ValueEffect, treated: Estimate): Reason {
  const detail = `${effect.measure} ${interval(treated)}, claimed ${effect.direction === 'decrease' ? 'at most' : 'at least'} ${units(effect.boundMicro)}`;
  if (meetsBound(effect, treated)) return { code: 'effect-reproduced', detail };
  const fails =
    effect.direction === 'decrease'
      ? treated.lowMicro > effect.boundMicro
      : treated.highMicro < effect.boundMicro;
  return { code: fails ? 'effect-not-reproduced' : 'effect-unresolved', detail };
}

/** spec 07-verdict §7.5 */
function judgeTest(effect: ValueEffect, treated: Estimate, rerun: RerunCounts, alphaPpm: number): Reason[] {
  switch (effect.test) {
    case 'paired':
      return judgeChange(effect, rerun, alphaPpm);
    case 'chance':
      return [judgeChance(treated, alphaPpm)];
    case 'bound':
      return [];
  }
}

/** The sign test: on how many prompts did the number move as claimed? spec 07-verdict §7.5 */
function judgeChange(effect: ValueEffect, rerun: RerunCounts, alphaPpm: number): Reason[] {
  const seen = findDifferences(rerun, 'baseline', effect.measure)[0] as Difference;
  const { moved, back } = movement(seen, effect.direction);
  if (isLossBeyondChance(moved, back, alphaPpm)) return [];
  const detail = `${moved} prompts moved as claimed, ${back} the other way`;
  const telling = isLossBeyondChance(seen.n, 0, alphaPpm);
  return [{ code: telling ? 'no-change-from-baseline' : 'change-unresolved', detail }];
}

/** The permutation test: the arrangement seen is one of those that could have come. */
function judgeChance({ measure, chance }: Estimate, alphaPpm: number): Reason {
  const { draws, reached } = chance as NonNullable<Estimate['chance']>;
  const detail = `${reached} of ${draws} random arrangements of ${measure} came as far`;
  const beaten = (1 + reached) * MILLION < (1 + draws) * alphaPpm;
  return { code: beaten ? 'beats-chance' : 'chance-unresolved', detail };
}

/** spec 07-verdict §7.6 */
function judgeControls(
  effect: ValueEffect,
  treated: Estimate,
  rerun: RerunCounts,
  alphaPpm: number,
): Reason[] {
  const controls = findEstimates(rerun, 'control', effect.measure);
  if (controls.length === 0) return []; // nothing is changed, so there is nothing to take for noise
  const unbeaten =
    effect.test !== 'paired'
      ? controls.filter((control) => !isApart(effect, treated, control)).length
      : findDifferences(rerun, 'control', effect.measure).filter((each) => {
          const { moved, back } = movement(each, effect.direction);
          return !isLossBeyondChance(moved, back, alphaPpm);
        }).length;
  const detail = `better than all but ${unbeaten} of ${controls.length} random vectors of the same norm`;
  if (unbeaten === 0) return [{ code: 'beats-control', detail }];
  const equal = controls.some((control) => meetsBound(effect, control));
  return [{ code: equal ? 'control-does-the-same' : 'control-unresolved', detail }];
}

/** spec 07-verdict §7.7 */
export function judgeGate(gate: ValueGate, rerun: RerunCounts): Reason {
  const seen = findDifferences(rerun, 'baseline', gate.measure)[0] as Difference;
  const detail = `${gate.measure} rose by ${interval(seen)}; may rise by ${units(gate.maximumRiseMicro)}`;
  if (seen.highMicro <= gate.maximumRiseMicro) return { code: 'gate-passed', detail };
  return { code: seen.lowMicro > gate.maximumRiseMicro ? 'gate-failed' : 'gate-unresolved', detail };
}

/** spec 07-verdict §7.8: an author's interval and the one seen must meet. */
export function judgeClaimed(claim: Claim, rerun: RerunCounts): Reason[] {
  return (claim.estimates ?? []).flatMap((claimed): Reason[] => {
    const seen = findEstimates(rerun, claimed.condition, claimed.measure)[0];
    if (seen === undefined || claimed.condition === 'control') return [];
    if (claimed.lowMicro <= seen.highMicro && seen.lowMicro <= claimed.highMicro) return [];
    const detail = `${claimed.condition} ${claimed.measure}: claimed ${interval(claimed)}, seen ${interval(seen)}`;
    return [{ code: 'claimed-values-differ', detail }];
  });
}

function meetsBound({ direction, boundMicro }: ValueEffect, seen: Estimate): boolean {
  return direction === 'decrease' ? seen.highMicro <= boundMicro : seen.lowMicro >= boundMicro;
}

/** Does treated lie beyond a control by both intervals, in the claimed direction? */
function isApart({ direction }: ValueEffect, treated: Estimate, control: Estimate): boolean {
  return direction === 'decrease'
    ? treated.highMicro < control.lowMicro
    : treated.lowMicro > control.highMicro;
}

function movement({ higher, lower }: Difference, direction: 'decrease' | 'increase') {
  return direction === 'decrease' ? { moved: lower, back: higher } : { moved: higher, back: lower };
}

function findEstimates(rerun: RerunCounts, condition: Condition, measure: string): readonly Estimate[] {
  return (rerun.estimates ?? []).filter((each) => each.condition === condition && each.measure === measure);
}

function findDifferences(rerun: RerunCounts, against: Condition, measure: string): readonly Difference[] {
  return (rerun.differences ?? []).filter((each) => each.against === against && each.measure === measure);
}

function interval({ valueMicro, lowMicro, highMicro }: Estimate | Difference): string {
  return `${units(valueMicro)} (${units(lowMicro)} to ${units(highMicro)})`;
}

function units(micro: number): string {
  return String(micro / MILLION);
}
