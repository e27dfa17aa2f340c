import type { MemberKey } from '../base/ids.ts';
import type { Charter } from '../charter/index.ts';
import type { Sha256 } from '../codec/cid.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type OpenContext, SignedBytes } from '../message/index.ts';
import { bodyCheckOf, RecordFold } from '../record/index.ts';
import type { CheckName } from './codes.ts';
import type { Findings, Place } from './report.ts';
import type { AuditSource, SourceFault } from './source.ts';

/** What one audit may take in: whoever lies about sizes gets no further. spec 16-audit §1.4 */
export interface AuditBounds {
  readonly messages: number;
  readonly bytes: number;
}

/** One federation under audit: what is asked, what is known of it, what was found. */
export class AuditCase {
  readonly source: AuditSource;
  readonly genesis: Charter;
  readonly findings: Findings;
  readonly fold: RecordFold;
  readonly opening: OpenContext & { readonly sha256: Sha256 };
  readonly bounds: AuditBounds;
  readonly onProgress: (messages: number) => void;
  messages = 0;
  bytes = 0;

  constructor(
    source: AuditSource,
    genesis: Charter,
    findings: Findings,
    options: {
      readonly ed25519: Ed25519;
      readonly sha256: Sha256;
      readonly bounds: AuditBounds;
      readonly onProgress?: (messages: number) => void;
    },
  ) {
    const { ed25519, sha256, bounds } = options;
    this.source = source;
    this.genesis = genesis;
    this.findings = findings;
    this.fold = new RecordFold(genesis, { sha256 });
    this.opening = {
      federation: genesis.id,
      ed25519,
      sha256,
      signedBytes: new SignedBytes(),
      checkBody: bodyCheckOf({ federation: genesis.id, ed25519 }),
    };
    this.bounds = bounds;
    this.onProgress = options.onProgress ?? (() => {});
  }

  /** What a reader calls this feed. */
  nameOf(feed: MemberKey): string {
    return this.fold.history().of(feed)?.name ?? feed;
  }

  /** Counts what comes in. @returns false once it is more than the bounds allow */
  take(messages: number, bytes: number): boolean {
    this.messages += messages;
    this.bytes += bytes;
    return this.messages <= this.bounds.messages && this.bytes <= this.bounds.bytes;
  }

  /** A fault of who answers. What a source of this sort never has is none. */
  fault(check: CheckName, reason: SourceFault, what: string, place: Place = {}): void {
    if (reason !== 'not-offered') this.findings.add(check, reason, `${what}: ${FAULTS[reason]}.`, place);
  }
}

const FAULTS: Readonly<Record<Exclude<SourceFault, 'not-offered'>, string>> = {
  absent: 'the source has none',
  unreachable: 'no answer came',
  'answer-too-large': 'the answer was cut off where it grew larger than any true one',
  'answer-too-slow': 'the answer had not ended when the time for it was up',
  'answer-malformed': 'the answer does not have the form it should have',
  'bundle-broken': 'the bundle is broken there',
};
