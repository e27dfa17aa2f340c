import type { ContentId, FederationId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import type { Result } from '../../protocols/base/result.ts';
import type { NodeEvent } from '../../protocols/events/index.ts';
import type { CharterDocument, Role } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import type { FindingEntry, NamedRecord, OversightRecord } from '../../protocols/record/index.ts';
import type { Standing } from '../../protocols/verdict/index.ts';
import type { FeedReader } from './feeds-port.ts';
import type { Subscriptions } from './subscriptions-port.ts';

export { EVENT_TYPES, type EventType, type NodeEvent } from '../../protocols/events/index.ts';

/** What the gateway needs of a running node. services/node implements it. */
export interface GatewayNode {
  readonly logs: FeedReader;
  readonly subscriptions: Subscriptions;
  status(): NodeStatus;
  /** The version in force. */
  charter(): CharterDocument;
  /** Every version that is or was in force, the first one first. */
  charters(): readonly { readonly id: FederationId; readonly document: CharterDocument }[];
  /** The same, each with what brought it into force. */
  amendments(): readonly CharterVersion[];
  /** The record and its digest, of one moment. */
  record(): NamedRecord;
  /** The record but for its findings, the same object until a message comes: costs little at any size. */
  oversightRecord(): OversightRecord;
  /** Counted findings in the record's order. */
  findingIds(): readonly MessageId[];
  /** Null for one that does not count; costs a reading of the finding and its verdicts. */
  finding(id: MessageId): FindingEntry | null;
  /** How many findings stand how; costs a reading of those on which enough verdicts have come to decide. */
  standings(): Readonly<Record<Standing, number>>;
  message(id: MessageId): Message | null;
  /** Durable events after the cursor, in order, then live ones as they come, until the signal aborts. */
  events(afterCursor: number, options: { readonly signal: AbortSignal }): AsyncIterable<NodeEvent>;
  /** Durable events after the cursor, in order, at most so many. */
  eventPage(afterCursor: number, limit: number): readonly NodeEvent[];
  /** What must hold for the node to do its work, and whether it does. */
  readiness(): Promise<readonly ReadinessCheck[]>;
  /** Authors, stores durably and publishes one message. Resolves when it is durable here. */
  publish(kind: string, body: PlainObject): Promise<Result<Message>>;
  /** Adds a directory on this machine to the content store. */
  addContent(directory: string, options: { readonly signal: AbortSignal }): Promise<Result<AddedContent>>;
  /**
   * Signs a checkpoint as this member, by a file in the directory, and adds it.
   * @throws OversightError `checkpoint-invalid`, `disk-full`, `cancelled`
   */
  addRelease(
    release: { readonly directory: string; readonly name: string },
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
    },
  ): Promise<AddedContent>;
  /**
   * One block that the node holds, or null: the carrier for nodes and people without libp2p.
   * @param into a buffer of 1 MiB that a leaf may be read to
   */
  block(cid: string, into?: Uint8Array): Promise<Uint8Array | null>;
  /**
   * Fetches a checkpoint where it is not here, and promises to keep it.
   * @returns the message, durable here @throws OversightError `argument-invalid`, `blob-not-found`, `disk-full`, …
   */
  pin(
    promise: { readonly cid: ContentId; readonly until: number },
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
    },
  ): Promise<MessageId>;
  /** Takes a promise back. @throws OversightError `not-found` */
  unpin(cid: ContentId): Promise<MessageId>;
  /** Removes what was fetched and nobody needs; with `dryRun` tells only what would go. */
  collectGarbage(options: {
    readonly signal: AbortSignal;
    readonly dryRun: boolean;
  }): Promise<readonly CollectedContent[]>;
  /** A CARv1 file of what the node holds, or null. It ends with an error where a block is missing. */
  car(request: CarRequest): Promise<AsyncIterable<Uint8Array> | null>;
}

export interface CharterVersion {
  readonly id: FederationId;
  readonly document: CharterDocument;
  /** The message that gave its text; null for the first. */
  readonly proposal: MessageId | null;
  /** The messages that brought it into force; none for the first. */
  readonly consents: readonly MessageId[];
}

export interface ReadinessCheck {
  readonly name: 'storage' | 'events' | 'own-feed' | 'peers';
  readonly ok: boolean;
  /** For people. */
  readonly says: string;
}

/** What of a directory or file a CAR holds, in the words of the trustless gateway. */
export interface CarRequest {
  readonly cid: string;
  readonly path: readonly string[];
  readonly scope: 'all' | 'entity' | 'block';
  /** Of a file: bytes `from` to `to`, both included; negative counts from the end, null is the end. */
  readonly bytes: { readonly from: number; readonly to: number | null } | null;
  readonly dups: boolean;
}

/** A checkpoint that nobody here needs. */
export interface CollectedContent {
  readonly cid: ContentId;
  readonly sizeBytes: number;
  /** `partial`: what a fetch that was cut off has left. */
  readonly state: 'whole' | 'partial';
}

export interface NodeStatus {
  readonly version: string;
  readonly federation: FederationId;
  readonly federationName: string;
  readonly member: MemberKey;
  readonly name: string;
  /** Empty while the charter in force does not name this node's key. */
  readonly roles: readonly Role[];
  /** The version in force. */
  readonly charter: { readonly version: number; readonly id: FederationId };
  /** Messages in the ledger. */
  readonly messages: number;
  /** Messages that wait for one before them. */
  readonly pending: number;
  /** Its own feed: `unconfirmed` until peers have told how far it goes, `forked` when two messages at one sequence are known. */
  readonly ownFeed: { readonly state: 'unconfirmed' | 'confirmed' | 'forked'; readonly length: number };
  readonly recordDigest: string;
  readonly witnessing: {
    /** Whether the charter in force makes this node a witness. */
    readonly isWitness: boolean;
    /** Messages of its own feed that witnesses are to see. */
    readonly shown: number;
    /** How much of them each has cosigned. */
    readonly cosigned: readonly { readonly witness: string; readonly size: number }[];
  };
  /** Cursor of the newest event; 0 before the first. A reader that wants no history starts after it. */
  readonly lastEvent: number;
  readonly transports: readonly {
    readonly name: string;
    readonly state: 'connected' | 'connecting' | 'closed';
    readonly peers: number;
  }[];
  /** What this node refused since it started, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Re-runs at work or waiting, for a verifier. */
  readonly jobs: readonly {
    readonly finding: MessageId;
    readonly state: string;
    readonly progress: number;
  }[];
}

export interface AddedContent {
  readonly cid: ContentId;
  readonly profile: 'unixfs-v1-2025';
  readonly sizeBytes: number;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
}
