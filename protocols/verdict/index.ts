export { controlSeeds, policyFor, resampleSeed } from './controls.ts';
export { decide, type RerunCounts, ruleOf } from './decide.ts';
export { areRatesDifferent, isLossBeyondChance, isRateAbove, isRateBelow } from './exact.ts';
export { gateState } from './non-inferiority.ts';
export { type Standing, standingOf, type Vote } from './quorum.ts';
export { bearingOf, type Decision, REASON_CODES, type Reason, type ReasonCode } from './reasons.ts';
