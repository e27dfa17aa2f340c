export { cardTexts } from './headings.ts';
export { spdxIdOf } from './licences.ts';
export { CARD_LIMIT_BYTES, type CardMetadata, type ModelCard, parseModelCard } from './model-card.ts';
export { DEFAULT_RELEASE_POLICY, type ReleasePolicy, releasePolicy } from './policy.ts';
export { judgeRelease, type ReleaseParts, type Requirement } from './requirements.ts';
