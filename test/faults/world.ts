import type { FederationId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { NatsServer } from '../support/nats-server.ts';
import type { Agreed } from './agreement.ts';
import type { Backups } from './backups.ts';
import type { NodeProcess } from './node-process.ts';
import type { Wiring } from './wiring.ts';
import type { Workload } from './workload.ts';

/** A fork that a test's own member has made: two messages at one sequence. */
export interface Fork {
  readonly author: MemberKey;
  readonly sequence: number;
  readonly messages: readonly [MessageId, MessageId];
}

/** What a fault can lay hands on. */
export interface World {
  readonly federation: FederationId;
  readonly round: number;
  readonly nodes: readonly NodeProcess[];
  readonly wiring: Wiring;
  readonly nats: NatsServer;
  readonly workload: Workload;
  readonly backups: Backups;
  /** Every fork made so far; each honest node must hold its proof. */
  readonly forks: Fork[];
  /** Names of members that have equivocated in no round before. */
  readonly liars: string[];
  /** Names of members that have flooded in no round before. */
  readonly flooders: string[];
  readonly signal: AbortSignal;
  /** Resolves once every honest node holds all that has been acknowledged by now. @throws Error when not in time */
  settle(): Promise<Agreed>;
  /** The node's disk is not what it was: what it held must be asked for again. */
  diskChanged(node: NodeProcess): void;
}
