export { sealAgain, type WithholdPlan, withholdFields } from './disclosing.ts';
export { readOpening } from './kept-openings.ts';
export { type SealingKey, sealingKeys } from './sealing-keys.ts';
