import { parseDay } from './calendar.ts';
import { type Case, isKnown } from './case.ts';
import type { StatementOf } from './dossiers.ts';
import { type Finding, fact, met, notMet, pending, unknown } from './result.ts';

/** spec 18-oversight §4, M15 */
export function judgeEnforcement(given: Case): Finding {
  const penalty = given.heard('penalty/1').find((each) => stands(given, each));
  if (penalty !== undefined) return notMet('penalty-stands', fact('penalty', penalty.body.reason, penalty));
  const suspension = suspensionAtRelease(given);
  if (suspension !== undefined)
    return notMet('released-while-suspended', fact('until', suspension.body.suspendedUntil, suspension));
  return judgeNotices(given);
}

/** A fine stands until its regulator withdraws it, a suspension until its last day is over. */
function stands(given: Case, { body }: StatementOf<'penalty/1'>): boolean {
  return (
    body.fine !== null || (body.suspendedUntil !== null && given.at < lastMoment(given, body.suspendedUntil))
  );
}

/** A penalty for another model of the lab that forbade this release when it came. spec 18-oversight §5.3 */
function suspensionAtRelease(given: Case): StatementOf<'penalty/1'> | undefined {
  const { clock, dossier, dossiers } = given;
  return dossiers.penaltiesOf(dossier.lab.name).find((each) => {
    const { frontier, suspendedUntil } = each.body;
    if (suspendedUntil === null || frontier === dossier.frontier.id || given.isWithdrawn(each)) return false;
    return isKnown(each, clock.from) && clock.from < lastMoment(given, suspendedUntil);
  });
}

function lastMoment(given: Case, date: string): number {
  return given.dayEnd(parseDay(date));
}

/** The worst of the notices that stand. */
function judgeNotices(given: Case): Finding {
  const settled = new Set(given.heard('determination/1').flatMap(({ body }) => body.settles));
  const open = given.heard('notice-of-non-compliance/1').filter(({ id }) => !settled.has(id));
  const states = open.map((notice) => ({ notice, finding: judgeNotice(given, notice) }));
  for (const state of ['not-met', 'pending', 'cannot-be-known'] as const) {
    const worst = states
      .map(({ finding }) => finding)
      .filter((finding) => finding.state === state)
      .sort((a, b) => untilOf(a) - untilOf(b))[0];
    if (worst !== undefined) return worst;
  }
  return met('nothing-stands');
}

function untilOf(finding: Finding): number {
  return finding.state === 'pending' ? finding.until : 0;
}

function judgeNotice(given: Case, notice: StatementOf<'notice-of-non-compliance/1'>): Finding {
  const { clauses, cureBy } = notice.body;
  const about = fact('notice', clauses.join(', '), notice);
  const cure = given.heard('cure/1').find((each) => given.isLab(each) && each.body.notice === notice.id);
  if (cure !== undefined) return unknown('cure-undecided', about, fact('cure', cure.body.summary, cure));
  const until = cureBy === null ? 0 : lastMoment(given, cureBy);
  return given.at < until ? pending('cure-awaited', until, about) : notMet('notice-stands', about);
}

const ACTS = [
  'determination/1',
  'notice-of-non-compliance/1',
  'penalty/1',
  'extension/1',
  'information-request/1',
] as const;

/** spec 18-oversight §4, M16 */
export function judgeGrounds(given: Case): Finding {
  const known = new Set(given.policy.jurisdictions.map(({ id }) => id));
  const acts = ACTS.flatMap((kind) => given.heard(kind));
  const stray = acts.find(({ body }) => !known.has(body.jurisdiction));
  return stray === undefined
    ? met('grounds-named', ...acts.map((each) => fact(each.body.jurisdiction, each.body.legalBasis, each)))
    : notMet('jurisdiction-unknown', fact('jurisdiction', stray.body.jurisdiction, stray));
}
