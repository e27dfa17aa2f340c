import type { ClauseId } from '../kinds/index.ts';

/** What each clause asks, for a person. spec 18-oversight §4 */
export const CLAUSE_SENTENCES: Readonly<Record<ClauseId, string>> = {
  M1: 'A lab that deploys a frontier model releases a small open analog of it.',
  M2: 'A model is a frontier model when it reaches a threshold of the charter.',
  M3: 'The analog has the architecture family and the tokenizer of the frontier model.',
  M4: 'The analog has the training data and objectives of the frontier model.',
  M5: 'The analog is distilled from the frontier model.',
  M6: 'The analog has a share of the frontier model’s parameters inside the charter’s window.',
  M7: 'The analog comes inside the charter’s window of calendar months after the frontier release.',
  M8: 'The weights can be had from several organisations, and stay there.',
  M9: 'A model card says architecture, training and intended research use.',
  M10: 'A description of the training data says sources, modalities and known limits.',
  M11: 'Distillation or training scripts, or documentation of the same worth, are in the release.',
  M12: 'The licence is permissive, and restrictions beyond it are of a permitted class.',
  M13: 'The lab files a standardised compliance report, generated from the record and signed.',
  M14: 'An institute of another organisation audits the release.',
  M15: 'No notice of non-compliance, penalty or suspension stands against the model.',
  M16: 'Each act of a regulator names a jurisdiction of the charter and its legal basis.',
  M17: 'A delay beyond the window rests on a dual-use extension that was granted in time.',
  M18: 'A security evaluation covering the named risks was filed before the analog’s release.',
  M19: 'The analog keeps to the guidance of regulators in force at its release.',
  M20: 'Releases are voluntary or mandatory by the phase of the charter on the day of the frontier release.',
  M21: 'What stays private shows as withheld, with a reason and a date of retention.',
  M22: 'The compliance report states what compliance cost.',
  N5: 'The security evaluation is comprehensive, interpretable and safe: everything on the list was done.',
  N6: 'The evaluators had at least the access that users will have: weights and fine-tuning.',
};
