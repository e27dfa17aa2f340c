export { cardTexts } from './headings.ts';
export { spdxIdOf } from './licences.ts';
export { CARD_LIMIT_BYTES, type CardMetadata, type ModelCard, parseModelCard } from './model-card.ts';
export { type ReleasePolicy, releasePolicy } from './policy.ts';
export type { Requirement } from './requirement.ts';
export { judgeRelease, type ReleaseParts } from './requirements.ts';
