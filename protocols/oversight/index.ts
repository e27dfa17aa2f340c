export { type Assessment, assess, assessAll, type Obligation, type PolicyOf } from './assess.ts';
export { addMonths, type Day, dayOf, daysIn, endOf, formatDay, parseDay, startOf } from './calendar.ts';
export { CLAUSE_CODES, type ClauseCode, cureOfCode, sentenceOfCode } from './codes.ts';
export { type Dossier, Dossiers, type Party, type StatementOf } from './dossiers.ts';
export { holdersUntilLikelyLeak } from './leaks.ts';
export { PLANNED_ID, type PlannedRelease, withPlanned } from './planned-release.ts';
export { DEFAULT_OVERSIGHT_POLICY, oversightPolicyOf } from './policy.ts';
export { type ClauseRow, complianceReportOf, inWords, type ModelReport, reportOn } from './report.ts';
export { reportHtml } from './report-html.ts';
export {
  costRows,
  evidenceText,
  fieldsOf,
  stateText,
  timelineText,
  timeText,
  titleOf,
  withheldTexts,
} from './report-words.ts';
export type { ClauseResult, Evidence } from './result.ts';
export { CLAUSE_SENTENCES } from './sentences.ts';
export { type DueWhat, type TimelineEntry, timelineOf } from './timeline.ts';
export type { WithheldRow } from './withheld-list.ts';
export { DUE_SENTENCES, wordsOf } from './words.ts';
