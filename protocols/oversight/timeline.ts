import { compareText } from '../base/bytes.ts';
import type { MessageId } from '../base/ids.ts';
import type { OversightPolicy } from '../kinds/index.ts';
import type { StatementEntry } from '../record/index.ts';
import type { PolicyOf } from './assess.ts';
import { addMonths, parseDay } from './calendar.ts';
import { Case, isKnown } from './case.ts';
import type { Dossier, Dossiers } from './dossiers.ts';
import { wordsOf } from './words.ts';

/** Days by which something must have come. */
export type DueWhat = 'window-opens' | 'analog-due' | 'report-due' | 'audit-due' | 'cure-due' | 'answer-due';

/** One point on the timeline of a model. Times in milliseconds since 1970. spec 18-oversight §7.1 */
export type TimelineEntry =
  | {
      readonly type: 'message';
      /** Established time; null while no witness has seen it. */
      readonly at: number | null;
      readonly id: MessageId;
      readonly kind: string;
      /** The author's name. */
      readonly by: string;
      /** For a person. */
      readonly says: string;
      readonly isWithdrawn: boolean;
    }
  | {
      readonly type: 'due';
      /** The first moment after the last day; of `window-opens` the first moment. */
      readonly at: number;
      readonly what: DueWhat;
      /** What it follows from. */
      readonly id: MessageId;
      /** What came for it by the date; null: nothing. */
      readonly doneBy: MessageId | null;
    };

/**
 * Everything about one model that witnesses had seen by the date, and what is due, in order; last what they have not
 * seen. @returns null for a model that is not in the record
 */
export function timelineOf(
  dossiers: Dossiers,
  frontier: MessageId,
  policyOf: PolicyOf,
  at: number,
): readonly TimelineEntry[] | null {
  const dossier = dossiers.of(frontier);
  if (dossier === null) return null;
  const entries = messagesOf(dossiers, dossier, at);
  const from = dossier.frontier.established;
  const due =
    from === null || from > at ? [] : dueOf(dossiers, dossier, policyOf(dossier.frontier.charter), at, from);
  return [...entries, ...due].sort(inOrder);
}

function inOrder(a: TimelineEntry, b: TimelineEntry): number {
  if (a.at === null || b.at === null)
    return Number(a.at === null) - Number(b.at === null) || compareText(a.id, b.id);
  return a.at - b.at || compareText(a.type, b.type) || compareText(a.id, b.id);
}

function messagesOf(
  dossiers: Dossiers,
  { frontier, analogs, statements }: Dossier,
  at: number,
): TimelineEntry[] {
  const isShown = ({ established }: { readonly established: number | null }) =>
    established === null || established <= at;
  const releases = [
    { ...frontier, kind: 'frontier-release/1', says: `deployed ${frontier.name} ${frontier.version}` },
    ...analogs.map((each) => ({
      ...each,
      kind: 'analog-release/1',
      says: `released the analog ${each.name} ${each.version}`,
    })),
  ];
  return [
    ...releases.filter(isShown).map((each) => ({ ...each, isWithdrawn: false })),
    ...statements.filter(isShown).map((each) => ({
      ...each,
      says: wordsOf(each),
      isWithdrawn: isWithdrawn(dossiers, each, at),
    })),
  ].map(({ id, author, established, kind, says, isWithdrawn }) => {
    return {
      type: 'message',
      at: established,
      id,
      kind,
      by: dossiers.partyOf(author).name,
      says,
      isWithdrawn,
    };
  });
}

function isWithdrawn(dossiers: Dossiers, { id, author }: StatementEntry, at: number): boolean {
  const { name } = dossiers.partyOf(author);
  return dossiers
    .withdrawalsOf(id)
    .some((each) => isKnown(each, at) && dossiers.partyOf(each.author).name === name);
}

function dueOf(
  dossiers: Dossiers,
  dossier: Dossier,
  policy: OversightPolicy,
  at: number,
  from: number,
): TimelineEntry[] {
  const given = new Case(dossiers, dossier, policy, at, from);
  const { id } = dossier.frontier;
  const [first] = given.analogs();
  const due = (what: DueWhat, when: number, of: MessageId, doneBy: MessageId | null): TimelineEntry => {
    return { type: 'due', at: when, what, id: of, doneBy };
  };
  const reports = given.heard('compliance-report/1').filter((each) => given.isLab(each));
  const [audit] = given.heard('audit-attestation/1').filter((each) => !given.isOwn(each));
  return [
    due('window-opens', given.clock.opens, id, null),
    due('analog-due', given.clock.ends, id, first?.id ?? null),
    ...given.analogs().flatMap((analog) => {
      if (!policy.parts.includes('compliance-report')) return [];
      const when = given.dayEnd(given.dayOf(analog.established ?? 0) + policy.reportDays);
      const report = reports.find(({ body }) => body.analog === analog.id);
      return [due('report-due', when, analog.id, report?.id ?? null)];
    }),
    ...(policy.auditMonths === null
      ? []
      : [
          due(
            'audit-due',
            given.dayEnd(addMonths(given.clock.day, policy.auditMonths)),
            id,
            audit?.id ?? null,
          ),
        ]),
    ...given.heard('notice-of-non-compliance/1').flatMap(({ id: notice, body }) => {
      if (body.cureBy === null) return [];
      const cure = given.heard('cure/1').find((each) => each.body.notice === notice && given.isLab(each));
      return [due('cure-due', given.dayEnd(parseDay(body.cureBy)), notice, cure?.id ?? null)];
    }),
    ...given.heard('information-request/1').map(({ id: request, body }) => {
      const reply = given
        .heard('reply/1')
        .find((each) => each.body.to === request && dossiers.partyOf(each.author).name === body.to);
      return due('answer-due', given.dayEnd(parseDay(body.answerBy)), request, reply?.id ?? null);
    }),
  ];
}
