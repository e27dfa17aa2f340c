export { NETWORK_COUNTS, type NetworkCount } from './counters.ts';
export { Libp2pHost, type Libp2pHostOptions } from './libp2p/host.ts';
export { OpenHost, type OpenHostOptions } from './libp2p/open-host.ts';
export { didKeyOf, peerIdOf } from './libp2p/peer-name.ts';
export type { DuplexStream, StreamHost } from './libp2p/stream-host.ts';
export { Libp2pTransport } from './libp2p/transport.ts';
export { MemoryHub, MemoryTransport } from './memory/hub.ts';
export type { NatsAuth } from './nats/connection.ts';
export { type NatsPermissions, natsPermissions } from './nats/permissions.ts';
export { subjectsOf } from './nats/subjects.ts';
export { type NatsState, NatsTransport, type NatsTransportOptions } from './nats/transport.ts';
export { type Inbox, Network, type NetworkOptions, type Receipt, type Ruling } from './relay/network.ts';
export type { ExchangeResult } from './sync/exchange.ts';
export type { AddCheckpoint } from './sync/serve.ts';
export type { Chunk, FeedHead, SyncIntake, SyncSource } from './sync/source.ts';
export type { AnswerListener } from './sync/syncer.ts';
export type {
  Decision,
  Handlers,
  Outgoing,
  PeerEvent,
  PeerRef,
  Transport,
  TransportName,
} from './transport.ts';
