import type { FederationId, MemberKey } from '../base/ids.ts';
import type { Sha256 } from '../codec/cid.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type FederationRecord, recordDigest } from '../record/index.ts';
import { judgeAuthority, judgeTimes, judgeVerdicts } from './authority.ts';
import { type AuditBounds, AuditCase } from './case.ts';
import { type Claims, readClaims } from './claims.ts';
import { type ContentOptions, judgeContent } from './content.ts';
import { judgeCharters, settleFederation } from './federation.ts';
import { FeedAudit } from './feed.ts';
import { readEvidence, tellForks } from './forks.ts';
import { fitOf, judgeHead } from './heads.ts';
import { judgeHistory, type Remembered } from './history.ts';
import { judgeRecord } from './record.ts';
import { type AuditReport, Findings, outcomeOf } from './report.ts';
import type { AuditSource } from './source.ts';
import { WitnessAudit } from './witnesses.ts';

export interface AuditOptions {
  /** The trust anchor; null takes the federation's id from the source, and the report says so. spec 16-audit §1.2 */
  readonly federation: FederationId | null;
  readonly ed25519: Ed25519;
  readonly sha256: Sha256;
  readonly bounds: AuditBounds;
  /** Heads seen earlier or elsewhere. */
  readonly remembered: readonly Remembered[];
  /** Null: content is not asked for. */
  readonly content: ContentOptions | null;
  readonly onProgress?: (messages: number) => void;
}

/** Derives anew everything that a source claims about a federation. spec 16-audit §2 */
export async function auditFederation(source: AuditSource, options: AuditOptions): Promise<AuditReport> {
  const findings = new Findings();
  const charters = await settleFederation(source, options.federation, findings);
  if (charters === null) return emptyReport(findings, options);
  const audit = new AuditCase(source, charters.genesis, findings, options);
  const claims = await readClaims(audit);
  const witnesses = new WitnessAudit(audit);
  const feeds = await readFeeds(audit, claims, witnesses);
  for (const feed of feeds.values()) judgeHead(audit, feed);
  for (const [feed, { note }] of claims.checkpoints) witnesses.judgeNote(feed, note);
  witnesses.judge(feeds);
  const record = audit.fold.record();
  tellForks(audit);
  judgeCharters(audit, charters, record);
  judgeAuthority(audit, feeds);
  judgeTimes(audit, record);
  judgeVerdicts(audit, record);
  if (claims.record !== null) judgeRecord(audit, record, claims.record, isAllThere(claims, feeds));
  for (const each of options.remembered) judgeHistory(audit, feeds, each);
  if (options.content !== null) await judgeContent(audit, record, options.content);
  return reportOf(audit, options, record, claims, feeds);
}

async function readFeeds(
  audit: AuditCase,
  { sizes, checkpoints }: Claims,
  witnesses: WitnessAudit,
): Promise<Map<MemberKey, FeedAudit>> {
  const feeds = new Map<MemberKey, FeedAudit>();
  for (const [key, size] of sizes) {
    const feed = new FeedAudit(audit, key, size, (told) => witnesses.take(told));
    feed.head = checkpoints.get(key)?.head ?? null;
    feeds.set(key, feed);
    await feed.read();
    await readEvidence(audit, key);
  }
  return feeds;
}

function isAllThere({ isListed }: Claims, feeds: ReadonlyMap<MemberKey, FeedAudit>): boolean {
  return isListed && [...feeds.values()].every(({ isComplete }) => isComplete);
}

function reportOf(
  audit: AuditCase,
  { federation }: AuditOptions,
  record: FederationRecord,
  claims: Claims,
  feeds: ReadonlyMap<MemberKey, FeedAudit>,
): AuditReport {
  const { findings, fold, genesis, messages, bytes } = audit;
  const checks = findings.summaries();
  return {
    federation: genesis.id,
    name: fold.charter().document.name,
    isAnchored: federation !== null,
    outcome: outcomeOf(checks),
    checks,
    findings: findings.kept(),
    notes: findings.notes,
    messages,
    bytes,
    digest: { derived: recordDigest(record), claimed: claims.record?.digest ?? null },
    heads: [...feeds.values()].flatMap(({ head }) => (head === null ? [] : [head])),
    fitOf: (head) => fitOf(audit, feeds.get(head.author), head),
  };
}

function emptyReport(findings: Findings, { federation }: AuditOptions): AuditReport {
  const checks = findings.summaries();
  return {
    federation,
    name: null,
    isAnchored: federation !== null,
    outcome: outcomeOf(checks),
    checks,
    findings: findings.kept(),
    notes: findings.notes,
    messages: 0,
    bytes: 0,
    digest: { derived: null, claimed: null },
    heads: [],
    fitOf: () => 'unknown',
  };
}
