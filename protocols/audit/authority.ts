import type { MemberKey } from '../base/ids.ts';
import { doesCount, type FederationRecord } from '../record/index.ts';
import type { AuditCase } from './case.ts';
import type { FeedAudit } from './feed.ts';

/** The status of every message, from the charter that governs it. spec 16-audit §2.6 */
export function judgeAuthority(
  { findings, fold }: AuditCase,
  feeds: ReadonlyMap<MemberKey, FeedAudit>,
): void {
  const void_ = new Map<string, number>();
  for (const { ids } of feeds.values()) {
    for (const id of ids) {
      const status = id === undefined ? null : fold.statusOf(id);
      if (status === null) continue;
      findings.holds('authority');
      if (doesCount(status)) continue;
      const why = `${status.status}, ${status.reason}`;
      void_.set(why, (void_.get(why) ?? 0) + 1);
    }
  }
  for (const [why, count] of void_)
    findings.notes.push(`${count} ${count === 1 ? 'message counts' : 'messages count'} for nothing: ${why}.`);
}

/** spec 16-audit §2.9 */
export function judgeTimes({ findings }: AuditCase, record: FederationRecord): void {
  const { frontierReleases, analogReleases, findings: claims, statements } = record;
  const dated = [
    ...frontierReleases,
    ...analogReleases,
    ...claims,
    ...claims.flatMap(({ verdicts }) => verdicts),
    ...statements,
  ];
  const established = dated.filter((each) => each.established !== null).length;
  findings.holds('times', established);
  const open = dated.length - established;
  if (open > 0 && established > 0)
    findings.notes.push(
      `${open} of ${dated.length} releases, findings, verdicts and statements have no established time.`,
    );
  if (established === 0 && dated.length > 0)
    findings.notes.push(
      'No release, finding or verdict has an established time: dates are their authors’ claims.',
    );
}

/** Outcomes follow from counts by the rule; where they do not, the record gives no vote. spec 16-audit §2.10 */
export function judgeVerdicts({ findings }: AuditCase, record: FederationRecord): void {
  const verdicts = record.findings.flatMap((finding) => finding.verdicts);
  findings.holds('verdicts', verdicts.length);
  for (const { id, discount } of verdicts)
    if (discount === 'outcome-not-derived')
      findings.notes.push(`A verdict states an outcome that its counts do not give, and has no vote: ${id}.`);
}
