import type { ContentId, MemberKey } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { TileName } from '../feed/index.ts';

/**
 * Why a source gave no answer. `not-offered`: sources of this sort never have it. `absent`: this one says it has none.
 * The others are faults of who answers. spec 16-audit §1.3
 */
export const SOURCE_FAULTS = [
  'not-offered',
  'absent',
  'unreachable',
  'answer-too-large',
  'answer-too-slow',
  'answer-malformed',
  'bundle-broken',
] as const;
export type SourceFault = (typeof SOURCE_FAULTS)[number];
export type Answer<T> = Result<T, SourceFault>;

/** A feed as its holder lists it. */
export interface ListedFeed {
  readonly feed: MemberKey;
  readonly size: number;
}

export interface ListedRecord {
  readonly record: unknown;
  /** The name that the source gives it; null where it gives none. */
  readonly digest: string | null;
}

/**
 * Whoever claims something about a federation: a node, its files, a bundle. Nothing that comes from it is trusted, and
 * every answer is bounded by whoever implements this. spec 16-audit §1
 */
export interface AuditSource {
  /** Versions of the charter, as values to be judged: the first one at least, and those that follow it where it has them. */
  charters(): Promise<Answer<readonly unknown[]>>;
  feeds(): Promise<Answer<readonly ListedFeed[]>>;
  /** A signed note. */
  checkpoint(feed: MemberKey): Promise<Answer<Uint8Array>>;
  /** A tile, or an entry bundle. */
  tile(feed: MemberKey, name: TileName): Promise<Answer<Uint8Array>>;
  /** Wires that prove a fork of the feed beside what its bundles hold. */
  evidence(feed: MemberKey): Promise<Answer<readonly Uint8Array[]>>;
  record(): Promise<Answer<ListedRecord>>;
  block(cid: ContentId): Promise<Answer<Uint8Array>>;
}
