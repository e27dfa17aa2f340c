export { BitswapServer, type BitswapServerOptions } from './bitswap/bitswap-server.ts';
export {
  BlobServer,
  type BlobServerEvent,
  type BlobServerOptions,
} from './blob/blob-server.ts';
export { PeerSource, peerSources } from './blob/peer-source.ts';
export { BLOB_PROTOCOL } from './blob/wire.ts';
export { parseContentId, type VerifiedBlock, verifyBlock } from './block.ts';
export { type Answered, type ChallengeOptions, challenge } from './challenge/challenge.ts';
export { type CollectOptions, collectGarbage, type Garbage } from './collect.ts';
export { listDirectory } from './directory.ts';
export { EmbeddedStore, type EmbeddedStoreOptions } from './embedded/embedded-store.ts';
export type { DirectoryProblem } from './failures.ts';
export {
  type BlockSource,
  SourceError,
  type SourceFault,
  type SourceFaultCode,
} from './fetch/block-source.ts';
export { type FetchOptions, fetchDirectory } from './fetch/fetch-directory.ts';
export type { FetchRefusal } from './fetch/outline.ts';
export { openCar } from './http/car.ts';
export { GatewaySource, gatewaySource } from './http/gateway-source.ts';
export type { OpenExchange } from './http/http-exchange.ts';
export { type Mirror, MirrorSource, mirrorSource } from './http/mirror-source.ts';
export { HttpThread } from './http/thread/http-thread.ts';
export { type Imported, type ImportOptions, importSnapshot } from './import-snapshot.ts';
export { lookForNonFinite } from './inspect/finite-weights.ts';
export {
  type CheckpointFacts,
  type InspectRefusal,
  inspectCheckpoint,
} from './inspect/inspect-checkpoint.ts';
export { textOf } from './inspect/tensor-files.ts';
export { Kubo, type KuboConfig } from './kubo/kubo.ts';
export { MirroredStore } from './kubo/mirrored-store.ts';
export { Pace } from './pace.ts';
export type {
  AddOptions,
  BlockReader,
  Checkpoint,
  CheckpointFile,
  CheckpointStore,
  Progress,
  Seal,
  StoredCheckpoint,
} from './store.ts';
export { type Survey, surveyDirectory } from './survey.ts';
export { PROFILE } from './unixfs/profile.ts';
