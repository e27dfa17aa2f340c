export { CLOUD_EVENT_TYPE_PREFIX, type CloudEvent, cloudEvent, toCloudEvent } from './cloud-event.ts';
export { EVENT_TYPES, type EventFacts, type EventType, type NodeEvent } from './event.ts';
export { describeMessage } from './facts.ts';
export { summarize } from './summary.ts';
