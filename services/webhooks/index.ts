export { WebhookDesk } from './desk.ts';
export { DELIVERY_COUNTS, type DeliveryCount, type WebhookSurroundings } from './ports.ts';
export { systemResolve } from './target.ts';
