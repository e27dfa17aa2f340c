export { controlSeeds } from './controls.ts';
export {
  bearingOf,
  type Decision,
  decide,
  REASON_CODES,
  type Reason,
  type ReasonCode,
  type RerunCounts,
} from './decide.ts';
export { areRatesDifferent, isLossBeyondChance, isRateAbove, isRateBelow } from './exact.ts';
export { gateState } from './non-inferiority.ts';
export { type Standing, standingOf, type Vote } from './quorum.ts';
