import type { ContentId, FederationId, MemberKey, MessageId } from '../base/ids.ts';
import type { Plain } from '../base/plain.ts';
import { documentName } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import type {
  BodyOf,
  Claim,
  ConditionCount,
  Estimate,
  FormerReason,
  FrontierReleaseBody,
  Magnitude,
  Outcome,
  PinFault,
  Role,
} from '../kinds/index.ts';
import type { Standing } from '../verdict/index.ts';
import type { PendingProposal } from './charter-tally.ts';
import type { Stop } from './held-feed.ts';
import type { StatementKind } from './statements.ts';

/** What the messages add up to. Plain data in a fixed order, so that equal sets give equal bytes. spec 08-record §3 */
export interface FederationRecord {
  readonly v: 1;
  readonly federation: FederationId;
  readonly name: string;
  readonly charter: {
    readonly version: number;
    readonly id: FederationId;
    /** Every version that is or was in force, the first one first. */
    readonly history: readonly VersionEntry[];
  };
  readonly proposals: readonly PendingProposal[];
  readonly members: readonly MemberEntry[];
  readonly formerMembers: readonly FormerMemberEntry[];
  readonly forks: readonly ForkEntry[];
  readonly frontierReleases: readonly FrontierEntry[];
  readonly analogReleases: readonly AnalogEntry[];
  /** By checkpoint, then by member: promises that their members have not taken back. */
  readonly pins: readonly PinEntry[];
  readonly findings: readonly FindingEntry[];
  /** What is said about releases: evaluations, inspections, acts of regulators, answers. */
  readonly statements: readonly StatementEntry[];
}

/** All of the record that oversight of releases reads: far less than what verdicts are made of. */
export type OversightRecord = Omit<FederationRecord, 'findings'>;

export interface VersionEntry {
  readonly version: number;
  readonly id: FederationId;
  /** The proposal that gave its text; null for the first. */
  readonly proposal: MessageId | null;
}

export interface FeedEntry {
  /** Messages held without a gap, up to the stop. */
  readonly length: number;
  readonly head: MessageId | null;
  readonly stop: Stop | null;
  /** How much of it is established, and by when the last of that was. */
  readonly witnessed: { readonly size: number; readonly established: number } | null;
}

export interface FormerKeyEntry {
  readonly key: MemberKey;
  readonly reason: FormerReason;
  readonly last: number | null;
  readonly compromisedAt: number | null;
  readonly feed: FeedEntry;
}

export interface MemberEntry {
  readonly name: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
  readonly key: MemberKey;
  readonly feed: FeedEntry;
  /** Its own statement that it takes part, by whichever of its keys. */
  readonly ratification: MessageId | null;
  readonly card: MessageId | null;
  /** The oldest first. */
  readonly former: readonly FormerKeyEntry[];
}

/** A member that has been removed. */
export interface FormerMemberEntry {
  readonly name: string;
  readonly organisation: string;
  readonly former: readonly FormerKeyEntry[];
}

/** Of a key that is or was a member's. */
export interface ForkEntry {
  readonly key: MemberKey;
  readonly name: string;
  readonly at: number;
}

export interface FrontierEntry {
  readonly id: MessageId;
  readonly author: MemberKey;
  /** When the message was known, milliseconds since 1970; null while nothing establishes it. */
  readonly established: number | null;
  readonly name: string;
  readonly version: string;
  readonly modelType: string;
  readonly parameters: number | null;
  readonly deployedOn: string;
  readonly checkpoint: ContentId | null;
  /** Version of the charter that governs the release, and whose policy the model is judged by. */
  readonly charter: number;
  readonly access: FrontierReleaseBody['access'];
  /** null: not said, or withheld. */
  readonly tokenizer: string | null;
  readonly training: ContentId | null;
  readonly operations: Magnitude | null;
  readonly users: number | null;
  readonly revenueUsd: number | null;
  readonly holders: number | null;
  readonly withheld: readonly WithheldEntry[];
}

/** A field that shows as withheld. spec 08-record §3.12 */
export interface WithheldEntry {
  /** JSON Pointer into the body. */
  readonly field: string;
  /** Null where none is given. */
  readonly reason: string | null;
  readonly retainedUntil: string | null;
  readonly commitment: string | null;
  /** Sealing keys of those who can open it, sorted. */
  readonly sealedTo: readonly string[];
  /** What stood there, once its author has said so to all; null while it has not. */
  readonly opened: OpenedField | null;
}

export interface OpenedField {
  /** The disclosure. */
  readonly id: MessageId;
  readonly established: number | null;
  readonly value: Plain;
}

export interface AnalogEntry {
  readonly id: MessageId;
  readonly author: MemberKey;
  readonly established: number | null;
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
  readonly restrictions: readonly string[];
  /** null: not said, or withheld. */
  readonly tokenizer: string | null;
  readonly training: ContentId | null;
  readonly distilledFrom: MessageId | null;
  readonly withheld: readonly WithheldEntry[];
}

/** One message about releases, with all that it says. spec 08-record §3.11 */
export type StatementEntry = {
  [K in StatementKind]: {
    readonly id: MessageId;
    readonly author: MemberKey;
    readonly established: number | null;
    readonly kind: K;
    readonly body: BodyOf<K>;
    /** Where anything is. */
    readonly withheld?: readonly WithheldEntry[];
  };
}[StatementKind];

/** A promise to keep a checkpoint, the member's last word on it. spec 08-record §3.10 */
export interface PinEntry {
  readonly id: MessageId;
  readonly checkpoint: ContentId;
  readonly member: string;
  readonly organisation: string;
  readonly established: number | null;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** By member: the last word of each that asked, and is of another organisation. */
  readonly checks: readonly PinCheckRecord[];
}

export interface PinCheckRecord {
  readonly id: MessageId;
  readonly member: string;
  readonly organisation: string;
  readonly established: number | null;
  /** As the member says, milliseconds since 1970. */
  readonly at: number;
  readonly asked: number;
  readonly answered: number;
  readonly fault: PinFault | null;
}

export interface FindingEntry {
  readonly id: MessageId;
  readonly author: MemberKey;
  readonly established: number | null;
  readonly title: string;
  /** Null for a finding about fidelity, which changes nothing. */
  readonly intervention: ContentId | null;
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
  readonly established: number | null;
  readonly outcome: Outcome;
  readonly discount: Discount | null;
  /** Codes of what the counts say, derived anew; the verifier's own where it could not re-run the finding. */
  readonly reasons: readonly string[];
  readonly counts: readonly ConditionCount[];
  /** Where the claim says anything of a number. */
  readonly estimates?: readonly Estimate[];
  readonly evidence: ContentId | null;
}

/** The record's name: two nodes with equal digests have equal records. spec 08-record §7 */
export function recordDigest(record: FederationRecord): string {
  return documentName(encode(record));
}

/** A record and its name, which is worked out when it is first asked for: it costs three times what the record does. */
export interface NamedRecord {
  readonly record: FederationRecord;
  readonly digest: string;
}

export function namedRecord(record: FederationRecord): NamedRecord {
  let digest: string | null = null;
  return {
    record,
    get digest() {
      digest ??= recordDigest(record);
      return digest;
    },
  };
}
