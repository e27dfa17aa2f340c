export { CLOUD_EVENT_TYPE_PREFIX, type CloudEvent, cloudEvent, toCloudEvent } from './cloud-event.ts';
export { EVENT_TYPES, type EventType, type NodeEvent } from './event.ts';
export {
  type Concern,
  DEADLINE_DAYS,
  type EventFilter,
  eventFilter,
  eventFilterOf,
  type FilterParts,
  matchesFilter,
  STANDINGS,
} from './filter.ts';
export { type EventNames, summarize } from './summary.ts';
