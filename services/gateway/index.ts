export { EVENT_STREAM_TIMES, type EventStreamTimes } from './event-stream.ts';
export type { FeedReader, FeedSummary } from './feeds-port.ts';
export { buildGateway, createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export type { Metric, Sample } from './metrics.ts';
export type { ReadGuard } from './owner.ts';
export type {
  AddedContent,
  CarRequest,
  CollectedContent,
  GatewayNode,
  NodeStatus,
  ReadinessCheck,
} from './ports.ts';
export type { Problem } from './problems.ts';
export type { DeadLetterSummary, SubscriptionSummary, Subscriptions } from './subscriptions-port.ts';
export { Teller, type Told } from './teller.ts';
