/** Every code of a clause, the sentence a person reads, and what a lab can do about it; null where nothing is to be done. */
export const CLAUSE_CODES = {
  'frontier-not-established': [
    'Witnesses have not seen the frontier release, so no clock runs.',
    'Wait for the witnesses of the charter; check that the node reaches them.',
  ],
  'analog-there': ['An analog is released.', null],
  'analog-awaited': ['The analog is not due yet.', null],
  'analog-missing': ['The analog is overdue.', 'Release the analog; until then the clauses about it fail.'],
  'above-threshold': ['The model reaches a threshold of the charter.', null],
  'no-thresholds': ['The charter names no threshold: every declared frontier model counts.', null],
  'below-thresholds': ['Every figure that the thresholds ask for is below them.', null],
  'figure-unknown': [
    'A figure that a threshold asks for is withheld or not said.',
    'State scale.operations (or the figure named), or have a regulator determine M2.',
  ],
  'family-same': ['Architecture family and tokenizer are those of the frontier model.', null],
  'family-differs': [
    'The analog is of another architecture family.',
    'Release an analog of the family of the frontier model.',
  ],
  'tokenizer-differs': [
    'The analog has another tokenizer.',
    'Release the analog with the tokenizer.json of the frontier model.',
  ],
  'tokenizer-unknown': [
    'One of the two tokenizers is withheld, not stated or not inspected.',
    'State model.tokenizer (sha256 of tokenizer.json) in both releases, or have a regulator determine M3.',
  ],
  'data-same': ['Both releases name one statement of training data and objectives.', null],
  'data-differs': [
    'The releases name different statements of training data.',
    'Release an analog trained on the data and objectives of the frontier model.',
  ],
  'data-unknown': [
    'One of the releases does not name its statement of training data, or withholds it.',
    'State training (a CID) in both releases, or have a regulator determine M4.',
  ],
  distilled: ['The lab attests the distillation from this frontier model.', null],
  'distilled-from-another': [
    'The analog says it was distilled from another model.',
    'Release an analog distilled from this frontier model.',
  ],
  'distillation-unstated': [
    'The release does not say what the analog was distilled from.',
    'State distilledFrom (the id of the frontier release).',
  ],
  'ratio-inside': ['The size is inside the window.', null],
  'ratio-below': ['The analog is smaller than the window allows.', 'Release a larger analog.'],
  'ratio-above': ['The analog is larger than the window allows.', 'Release a smaller analog.'],
  'ratio-unknown': [
    'The size of the frontier model is withheld.',
    'Have a regulator open the sealed size and determine M6.',
  ],
  'inspections-disagree': ['Those who looked at the bytes say different things of them.', null],
  'in-time': ['The analog came inside the window.', null],
  early: ['The analog came before the window opened.', 'Release inside the window.'],
  late: ['The analog came after the window had closed.', null],
  'copies-shown': ['Enough organisations show copies of the weights.', null],
  'copies-awaited': ['Copies are not due yet.', 'Ask members to pin the checkpoint.'],
  'copies-unchecked': ['Enough organisations promise copies, but too few have shown them of late.', null],
  'copies-few': ['Too few organisations hold the weights.', 'Ask members to pin the checkpoint.'],
  'not-asked': ['The charter does not ask for it.', null],
  'part-there': ['Those who looked at the bytes found it complete.', null],
  'part-missing': [
    'Those who looked at the bytes found it missing or incomplete.',
    'Add it; `oversight release check` says what is missing.',
  ],
  'not-inspected': [
    'No member of another organisation has said what the bytes hold.',
    'Ask a verifier or regulator for an inspection.',
  ],
  'licence-permitted': ['The licence is permitted, and its text is there.', null],
  'licence-not-permitted': ['The licence is not on the list.', 'Release under a licence of the list.'],
  'licence-differs': ['The bytes state another licence than the release.', 'State one licence in both.'],
  'restriction-not-permitted': [
    'A restriction beyond the licence is not permitted.',
    'Drop it, or propose it for the policy.',
  ],
  'report-filed': ['The lab has filed its compliance report.', null],
  'report-awaited': ['The compliance report is not due yet.', 'Run `oversight report <id> --publish`.'],
  'report-missing': ['The compliance report is overdue.', 'Run `oversight report <id> --publish`.'],
  'audit-conforms': ['An independent audit found that the release conforms.', null],
  'audit-conforms-not': ['An independent audit found that the release does not conform.', null],
  'audit-not-concluded': ['The audit came to no conclusion.', null],
  'audit-awaited': ['The audit is not due yet.', null],
  'audit-missing': ['The audit is overdue.', 'Ask an auditor of another organisation.'],
  'nothing-stands': ['No notice and no penalty stands against the model.', null],
  'cure-awaited': ['A notice stands, and its time for a cure runs.', 'Cure it, then publish a cure.'],
  'cure-undecided': ['The lab has filed a cure; the regulator has not decided on it.', null],
  'notice-stands': ['A notice of non-compliance stands.', 'Cure it, then publish a cure.'],
  'penalty-stands': ['A penalty stands.', 'Pay it or serve it; the regulator then withdraws it.'],
  'released-while-suspended': ['The model was released while its lab was suspended from releasing.', null],
  'grounds-named': ['Every act of a regulator names a jurisdiction of the charter and a legal basis.', null],
  'jurisdiction-unknown': [
    'An act of a regulator names a jurisdiction that the charter does not have.',
    null,
  ],
  'no-delay': ['The analog is not beyond the usual window.', null],
  extended: ['The delay rests on an extension that was granted in time.', null],
  'delay-not-covered': ['The analog is beyond the window, and no extension granted in time covers it.', null],
  'evaluation-there': [
    'A security evaluation covers the named risks and was filed before the release.',
    null,
  ],
  'evaluation-late': [
    'A security evaluation was filed, but not before the release.',
    'File evaluations before the analog is released.',
  ],
  'evaluation-missing': [
    'No security evaluation of the released bytes is filed.',
    'File one before the release.',
  ],
  'risks-missing': [
    'The evaluations filed before the release leave out a named risk.',
    'Evaluate every risk that the policy names.',
  ],
  'risk-not-acceptable': [
    'An evaluation filed before the release found a risk that is not acceptable.',
    null,
  ],
  'checklist-done': ['The evaluations did everything on the list.', null],
  'checklist-incomplete': [
    'The evaluations leave out parts of the list.',
    'Say in `done` what of the list was done; do the rest.',
  ],
  'access-enough': ['The evaluators had the access that users have: weights and fine-tuning.', null],
  'access-limited': [
    'The evaluators had less access than users have.',
    'Give evaluators the weights and fine-tuning before the release.',
  ],
  'no-ceiling': ['No guidance in force names a ceiling.', null],
  'below-ceiling': ['The analog is inside the guidance in force at its release.', null],
  'above-ceiling': ['The analog is larger than guidance in force at its release allows.', null],
  'phase-voluntary': ['Releases were voluntary when the model was released.', null],
  'phase-mandatory': ['Releases were mandatory when the model was released.', null],
  'nothing-withheld': ['Nothing is withheld.', null],
  'withheld-with-reason': ['Every withheld field shows as withheld, with a reason and a date.', null],
  'withheld-without-reason': [
    'A field is withheld without a reason.',
    'Write {"withheld": {"reason": …, "retainedUntil": …}} in its place.',
  ],
  'costs-stated': ['The compliance report states what compliance cost.', null],
  'costs-missing': ['The compliance report states no costs.', 'Publish a report with its costs.'],
  'costs-withheld': ['The costs are withheld.', null],
  determined: ['A regulator has determined it.', null],
} as const satisfies Record<string, readonly [says: string, cure: string | null]>;
export type ClauseCode = keyof typeof CLAUSE_CODES;

export function sentenceOfCode(code: ClauseCode): string {
  return CLAUSE_CODES[code][0];
}

export function cureOfCode(code: ClauseCode): string | null {
  return CLAUSE_CODES[code][1];
}
