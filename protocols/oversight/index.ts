export { type Assessment, assess, assessAll, type Obligation, type PolicyOf } from './assess.ts';
export { addMonths, type Day, dayOf, daysIn, endOf, formatDay, parseDay, startOf } from './calendar.ts';
export { CLAUSE_CODES, type ClauseCode, cureOfCode, sentenceOfCode } from './codes.ts';
export { type Dossier, Dossiers, type Party, type StatementOf } from './dossiers.ts';
export { holdersUntilLikelyLeak } from './leaks.ts';
export { DEFAULT_OVERSIGHT_POLICY, oversightPolicyOf } from './policy.ts';
export type { ClauseResult, Evidence } from './result.ts';
export { CLAUSE_SENTENCES } from './sentences.ts';
