import type { FederationId, MemberKey } from '../base/ids.ts';
import { FEEDS_LIMIT } from '../base/limits.ts';
import { type Charter, readGenesis } from '../charter/index.ts';
import type { Sha256 } from '../codec/cid.ts';
import { parseDidKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type FederationRecord, recordDigest } from '../record/index.ts';
import { judgeAuthority, judgeCharter, judgeTimes, judgeVerdicts } from './authority.ts';
import { type AuditBounds, AuditCase } from './case.ts';
import { type ContentOptions, judgeContent } from './content.ts';
import { FeedAudit } from './feed.ts';
import { readEvidence, tellForks } from './forks.ts';
import { judgeHead, type ReadCheckpoint, readCheckpoint } from './heads.ts';
import { judgeHistory, type Remembered } from './history.ts';
import { judgeRecord } from './record.ts';
import { type AuditReport, Findings, outcomeOf } from './report.ts';
import type { AuditSource, ListedRecord } from './source.ts';
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
  const genesis = await settleFederation(source, options.federation, findings);
  if (genesis === null) return emptyReport(findings, options);
  const audit = new AuditCase(source, genesis, findings, options);
  const claims = await readClaims(audit);
  const witnesses = new WitnessAudit(audit);
  const feeds = await readFeeds(audit, claims, witnesses);
  for (const feed of feeds.values()) judgeHead(audit, feed);
  for (const [feed, { note }] of claims.checkpoints) witnesses.judgeNote(feed, note);
  witnesses.judge(feeds);
  const record = audit.fold.record();
  tellForks(audit);
  judgeCharter(audit, record);
  judgeAuthority(audit, feeds);
  judgeTimes(audit, record);
  judgeVerdicts(audit, record);
  if (claims.record !== null) judgeRecord(audit, record, claims.record, isAllThere(claims, feeds));
  for (const each of options.remembered) judgeHistory(audit, feeds, each);
  if (options.content !== null) await judgeContent(audit, record, options.content);
  return reportOf(audit, options, record, claims, feeds);
}

/** spec 16-audit §2.1 */
async function settleFederation(
  source: AuditSource,
  anchor: FederationId | null,
  findings: Findings,
): Promise<Charter | null> {
  const served = await source.charter();
  if (!served.ok) {
    const code = served.reason === 'not-offered' ? 'absent' : served.reason;
    findings.add('federation', code, `The federation's first charter cannot be had: ${served.detail}.`);
    return null;
  }
  const genesis = readGenesis(served.value);
  if (!genesis.ok) {
    const detail = `The first charter that the source gives is refused: ${genesis.detail}.`;
    findings.add('federation', 'charter-invalid', detail);
    return null;
  }
  const { id } = genesis.value;
  if (anchor !== null && anchor !== id) {
    const detail = `The source speaks of the federation ${id}, not of the one asked for.`;
    findings.add('federation', 'federation-wrong', detail, { id });
    return null;
  }
  findings.holds('federation');
  return genesis.value;
}

/** What the source says there is. */
interface Claims {
  /** Messages of each feed. */
  readonly sizes: ReadonlyMap<MemberKey, number>;
  readonly checkpoints: ReadonlyMap<MemberKey, ReadCheckpoint>;
  readonly record: ListedRecord | null;
  readonly isListed: boolean;
}

/**
 * A node goes on while it is audited. What is asked later is never older: first the feeds, then their heads, then the
 * record; and of each feed as much is read as the record says it has, so that the record can be derived exactly.
 */
async function readClaims(audit: AuditCase): Promise<Claims> {
  const { source } = audit;
  const listed = await source.feeds();
  if (!listed.ok) audit.fault('trees', listed.reason, 'The list of feeds');
  const sizes = new Map<MemberKey, number>();
  for (const { feed, size } of listed.ok ? listed.value : []) raise(sizes, feed, size);
  if (sizes.size > FEEDS_LIMIT) {
    const detail = `The source lists more than ${FEEDS_LIMIT} feeds, and no federation has so many keys.`;
    audit.findings.add('trees', 'bound-reached', detail);
    for (const feed of [...sizes.keys()].slice(FEEDS_LIMIT)) sizes.delete(feed);
  }
  const checkpoints = new Map<MemberKey, ReadCheckpoint>();
  for (const [feed, size] of sizes) {
    const checkpoint = size === 0 ? null : await readCheckpoint(audit, feed);
    if (checkpoint !== null) checkpoints.set(feed, checkpoint);
  }
  const record = await source.record();
  if (!record.ok) audit.fault('record', record.reason, 'The record');
  for (const [feed, size] of record.ok ? lengthsIn(record.value.record) : []) {
    if (sizes.has(feed) || sizes.size < FEEDS_LIMIT) raise(sizes, feed, size);
  }
  return { sizes, checkpoints, record: record.ok ? record.value : null, isListed: listed.ok };
}

function raise(sizes: Map<MemberKey, number>, feed: MemberKey, size: number): void {
  sizes.set(feed, Math.max(sizes.get(feed) ?? 0, size));
}

/** Lengths of feeds as a record tells them, whatever else it holds. */
function lengthsIn(record: unknown): [MemberKey, number][] {
  const out: [MemberKey, number][] = [];
  for (const list of ['members', 'formerMembers']) {
    for (const entry of listIn(record, list)) {
      for (const each of [entry, ...listIn(entry, 'former')]) {
        const [key, length] = [memberOf(each, 'key'), memberOf(memberOf(each, 'feed'), 'length')];
        if (typeof key !== 'string' || parseDidKey('ed25519', key) === null) continue;
        if (typeof length === 'number' && Number.isSafeInteger(length) && length > 0)
          out.push([key as MemberKey, length]);
      }
    }
  }
  return out;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function listIn(value: unknown, name: string): unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
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
  { findings, fold, genesis, messages, bytes }: AuditCase,
  { federation }: AuditOptions,
  record: FederationRecord,
  claims: Claims,
  feeds: ReadonlyMap<MemberKey, FeedAudit>,
): AuditReport {
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
  };
}
