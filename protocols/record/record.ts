import type { ContentId, FederationId, MemberKey, MessageId } from '../base/ids.ts';
import { documentCid } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import type { Claim, ConditionCount, Outcome, Role } from '../kinds/index.ts';
import type { Standing } from '../verdict/index.ts';
import type { Stop } from './feeds.ts';

/** What the messages add up to. Plain data in a fixed order, so that equal sets give equal bytes. spec 08-record §3 */
export interface FederationRecord {
  readonly v: 1;
  readonly federation: FederationId;
  readonly name: string;
  readonly members: readonly MemberEntry[];
  readonly frontierReleases: readonly FrontierEntry[];
  readonly analogReleases: readonly AnalogEntry[];
  readonly findings: readonly FindingEntry[];
}

export interface MemberEntry {
  readonly key: MemberKey;
  readonly name: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
  /** Its own statement that it takes part under this charter. */
  readonly ratification: MessageId | null;
  readonly card: MessageId | null;
  readonly feed: { readonly length: number; readonly head: MessageId | null; readonly stop: Stop | null };
}

export interface FrontierEntry {
  readonly id: MessageId;
  readonly author: MemberKey;
  readonly name: string;
  readonly version: string;
  readonly modelType: string;
  readonly parameters: number | null;
  readonly deployedOn: string;
  readonly checkpoint: ContentId | null;
}

export interface AnalogEntry {
  readonly id: MessageId;
  readonly author: MemberKey;
  readonly name: string;
  readonly version: string;
  readonly modelType: string;
  readonly parameters: number;
  readonly licence: string;
  readonly checkpoint: ContentId;
  /** The frontier release it belongs to; null until that has come, or when another lab's is named. */
  readonly frontier: MessageId | null;
  /** Parameters of the analog over those of the frontier model, rounded down; null while either is unknown. */
  readonly ratioPpm: number | null;
}

export interface FindingEntry {
  readonly id: MessageId;
  readonly author: MemberKey;
  readonly title: string;
  readonly intervention: ContentId;
  readonly suite: ContentId;
  readonly source: ContentId | null;
  readonly target: ContentId;
  readonly claim: Claim;
  readonly standing: Standing;
  /** Codes that every verdict behind the standing gives, sorted; empty while open. */
  readonly reasons: readonly string[];
  readonly verdicts: readonly VerdictEntry[];
}

/** Why a verdict has no vote. spec 08-record §5 */
export type Discount = 'superseded' | 'own-organisation' | 'controls-not-drawn' | 'outcome-not-derived';

export interface VerdictEntry {
  readonly id: MessageId;
  readonly verifier: MemberKey;
  readonly outcome: Outcome;
  readonly discount: Discount | null;
  /** Codes of what the counts say, derived anew; the verifier's own where it could not re-run the finding. */
  readonly reasons: readonly string[];
  readonly counts: readonly ConditionCount[];
  readonly evidence: ContentId | null;
}

/** The record's name: two nodes with equal digests have equal records. spec 08-record §4 */
export function recordDigest(record: FederationRecord): string {
  return documentCid(encode(record)).toString();
}
