export { postCheckpoint } from './http-carrier.ts';
export type { CosignatureOutbox, CosignedHead, SubmissionMemory, WitnessMemory } from './ports.ts';
export { CosignaturePublisher, PUBLISH_INTERVAL_MS, type PublisherOptions } from './publisher.ts';
export {
  type OwnFeed,
  SUBMIT_DELAY_MS,
  type Submission,
  Submitter,
  type SubmitterOptions,
  type WitnessTarget,
} from './submitter.ts';
export { type Conflict, Witness, type WitnessOptions } from './witness.ts';
