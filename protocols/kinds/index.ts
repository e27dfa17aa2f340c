export * from './analog-release.ts';
export * from './charter.ts';
export {
  CONDITIONS,
  type Condition,
  type ConditionCount,
  type ContentReference,
  conditionCount,
  contentId,
  contentReference,
  messageId,
} from './common.ts';
export * from './finding.ts';
export * from './frontier-release.ts';
export * from './member-card.ts';
export * from './registry.ts';
export * from './verdict.ts';
