export { importSnapshot } from '../checkpoints/index.ts';
export { bulkEd25519, nativeEd25519, nativeSha256 } from '../keys/index.ts';
export { peerIdOf } from '../network/index.ts';
export { type BundleChoices, type Exported, exportHome, type Imported, importHome } from './bundle/index.ts';
export {
  readOpening,
  type SealingKey,
  sealAgain,
  sealingKeys,
  type WithholdPlan,
  withholdFields,
} from './disclosure/index.ts';
export { letHeapGrow } from './heap.ts';
export { homePaths, initHome, joinHome, readCharterFile } from './home.ts';
export { type ImportSource, importForModel } from './import-intervention.ts';
export { natsUsers } from './nats-users.ts';
export { adoptNextKey, prepareNextKey } from './next-key.ts';
export { natsUserOf } from './nkey.ts';
export { type NodeOptions, type RunningNode, startNode } from './node.ts';
export { collectHome } from './pins/collect-home.ts';
export { describeModel } from './release/describe.ts';
export { type Plan, planRelease } from './release/plan.ts';
export {
  type Preparation,
  prepareRelease,
  type ReleaseQuestion,
} from './release/prepare.ts';
export { verifyRelease } from './release/verify.ts';
export { StoredFeeds } from './stored-feeds.ts';
