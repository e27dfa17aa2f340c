import { z } from 'zod';
import type { FederationId, MemberKey } from '../base/ids.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { type Head, verifyHead } from '../feed/index.ts';
import type { AuditCase } from './case.ts';
import type { FeedAudit } from './feed.ts';
import { fitOf } from './heads.ts';
import type { AuditFinding, AuditReport, CheckSummary } from './report.ts';

/** Heads in one file: more than there can be keys of members. */
const HEADS_LIMIT = 8_192;

const headsFile = z.strictObject({
  format: z.literal('audit-heads/1'),
  federation: z.string(),
  heads: z
    .array(
      z.strictObject({ feed: z.string(), size: z.int().min(0), root: z.string(), signature: z.string() }),
    )
    .max(HEADS_LIMIT),
});

/** Signed heads of one federation, kept from an earlier audit or another source. spec 16-audit §4 */
export interface RememberedHeads {
  readonly federation: FederationId;
  readonly heads: readonly Head[];
}

/** Where remembered heads come from: the same source must still have what it had; another may be behind. */
export type Remembered = RememberedHeads & { readonly from: 'earlier' | 'elsewhere' };

export function formatHeads({ federation, heads }: RememberedHeads): string {
  const written = heads.map(({ author, size, root, signature }) => ({
    feed: author,
    size,
    root: toBase64(root),
    signature: toBase64(signature),
  }));
  return `${JSON.stringify({ format: 'audit-heads/1', federation, heads: written }, null, 2)}\n`;
}

/** Reads a heads file. No signature is checked yet. */
export function parseHeadsUnverified(value: unknown): Result<RememberedHeads, 'heads-file-invalid'> {
  const parsed = headsFile.safeParse(value);
  if (!parsed.success) return refuse('heads-file-invalid', 'not a file of heads');
  const heads: Head[] = [];
  for (const { feed, size, root, signature } of parsed.data.heads) {
    const [rootBytes, signatureBytes] = [fromBase64(root), fromBase64(signature)];
    if (rootBytes === null || signatureBytes === null)
      return refuse('heads-file-invalid', 'a root or signature is not base64');
    heads.push({ author: feed as MemberKey, size, root: rootBytes, signature: signatureBytes });
  }
  return accept({ federation: parsed.data.federation as FederationId, heads });
}

/**
 * Compares the heads of one report with the feeds that another audit has read, where those are longer.
 * @returns the first report with what that showed
 */
export function judgeAgainst(report: AuditReport, other: AuditReport): AuditReport {
  const known = new Set(
    report.findings.filter(({ code }) => code === 'history-rewritten').map(({ feed }) => feed),
  );
  const found = report.heads
    .filter((head) => !known.has(head.author) && other.fitOf(head) === 'rewritten')
    .map(
      ({ author: feed, size }): AuditFinding => ({
        check: 'history',
        code: 'history-rewritten',
        detail: `A feed has two signed histories: its first ${size} messages are others elsewhere.`,
        feed,
        sequence: size,
      }),
    );
  if (found.length === 0) return report;
  const checks = report.checks.map(
    (each): CheckSummary =>
      each.check === 'history' ? { ...each, state: 'broken', broken: each.broken + found.length } : each,
  );
  return { ...report, checks, findings: [...report.findings, ...found], outcome: 'broken' };
}

/** Whether every feed still begins with what was seen of it. spec 16-audit §2.12 */
export function judgeHistory(
  audit: AuditCase,
  feeds: ReadonlyMap<MemberKey, FeedAudit>,
  { federation, heads, from }: Remembered,
): void {
  const { findings, genesis, opening } = audit;
  if (federation !== genesis.id) {
    findings.add('history', 'remembered-invalid', 'The heads to compare with are of another federation.');
    return;
  }
  for (const head of heads) {
    const { author: feed, size } = head;
    const name = audit.nameOf(feed);
    const place = { feed, sequence: size };
    if (!verifyHead(head, federation, opening.ed25519)) {
      const detail = `A head of ${name} to compare with does not carry its signature.`;
      findings.add('history', 'remembered-invalid', detail, place);
      continue;
    }
    const fit = fitOf(audit, feeds.get(feed), head);
    if (fit === 'same') findings.holds('history');
    if (fit === 'rewritten') {
      const detail = `${name} has signed two histories: the first ${size} messages shown now are not those of the head seen ${from}.`;
      findings.add('history', 'history-rewritten', detail, place);
    }
    if (fit === 'behind' && from === 'earlier') {
      const held = feeds.get(feed)?.tree.size ?? 0;
      const detail = `${size} messages of ${name} were seen earlier; now the source shows ${held}.`;
      findings.add('history', 'history-shortened', detail, place);
    }
    if (fit === 'behind' && from === 'elsewhere')
      findings.notes.push(`Another source has more of ${name} than this one: ${size} messages.`);
    if (fit === 'past-fork')
      findings.notes.push(`A head of ${name} seen ${from} is past its fork, which is told.`);
  }
}
