import {
  type Claim,
  type ConditionCount,
  type Difference,
  type Estimate,
  hasValues,
  isRate,
  isRateGate,
  type PairedTable,
  type VerdictBody,
  type VerificationPolicy,
} from '../kinds/index.ts';
import * as rates from './rates.ts';
import { conclude, type Decision, type Reason } from './reasons.ts';
import * as values from './values.ts';

export interface RerunCounts {
  readonly counts: readonly ConditionCount[];
  readonly tables: readonly PairedTable[];
  readonly estimates?: readonly Estimate[] | undefined;
  readonly differences?: readonly Difference[] | undefined;
}

/** The name of the rule that a claim is judged by. */
export function ruleOf(claim: Claim): VerdictBody['rule'] {
  return hasValues(claim) ? 'decision/2' : 'decision/1';
}

/**
 * The decision rule: a pure function of claim, counts and policy. `decision/1` for claims about rates; `decision/2`, which
 * is the same for these, for claims about numbers. spec 07-verdict §2, §7
 */
export function decide(claim: Claim, rerun: RerunCounts, policy: VerificationPolicy): Decision {
  const missing = findMissing(claim, rerun, policy);
  if (missing !== null) return conclude([{ code: 'counts-incomplete', detail: missing }]);
  return conclude([
    ...judgeEffect(claim, rerun, policy),
    ...claim.gates.map((gate) =>
      isRateGate(gate) ? rates.judgeGate(gate, rerun) : values.judgeGate(gate, rerun),
    ),
    ...rates.judgeClaimed(claim, rerun), // spec 07-verdict §2.6
    ...values.judgeClaimed(claim, rerun), // spec 07-verdict §7.8
  ]);
}

function findMissing(claim: Claim, rerun: RerunCounts, policy: VerificationPolicy): string | null {
  const { effect, gates } = claim;
  // spec 07-verdict §2.1
  const counted = [...(isRate(effect) ? [effect] : []), ...gates.filter(isRateGate)];
  const inCounts = rates.findMissing(
    counted.map(({ measure }) => measure),
    rerun,
  );
  if (inCounts !== null) return inCounts;
  if (isRate(effect)) {
    const tooFew = rates.findMissingControls(effect, rerun, policy);
    if (tooFew !== null) return tooFew;
  }
  return values.findMissing(claim, rerun, policy); // spec 07-verdict §7.3
}

function judgeEffect({ effect }: Claim, rerun: RerunCounts, policy: VerificationPolicy): Reason[] {
  const rule = isRate(effect)
    ? rates.effectRule(effect, rerun, policy)
    : values.effectRule(effect, rerun, policy);
  const reached = rule.reached(); // spec 07-verdict §2.2, §7.4
  return [
    reached,
    ...rule.change(), // spec 07-verdict §2.3, §7.5
    ...(reached.code === 'effect-not-reproduced' ? [] : rule.controls()), // spec 07-verdict §2.4, §7.6
  ];
}
