import type { ClauseState } from '../../../protocols/kinds/index.ts';
import { DUE_SENTENCES } from '../../../protocols/oversight/index.ts';
import type { RecordAnswer } from '../answers.ts';
import type { AssessmentAnswer, ReportAnswer, TimelineEntryAnswer } from '../oversight-answers.ts';
import { clean, clip, columns, fields, wrap } from '../terminal.ts';
import { dateOf } from './time.ts';

/** What of a clause is shown. */
interface ShownClause {
  readonly clause: string;
  readonly state: ClauseState;
  readonly code: string;
  readonly asks: string;
  readonly says: string;
  readonly cure: string | null;
  readonly until?: number | undefined;
  readonly evidence: readonly { readonly what: string; readonly value: string | number | null }[];
}

const MARKS = {
  met: 'met    ',
  'not-met': 'NOT MET',
  pending: 'pending',
  'cannot-be-known': 'unknown',
} as const;
const INDENT = ' '.repeat(MARKS.met.length + 6);

/** One line a model. */
export function assessmentsView(
  models: readonly AssessmentAnswer[],
  { frontierReleases }: Pick<RecordAnswer, 'frontierReleases'>,
): string {
  if (models.length === 0) return 'no frontier model yet';
  const named = new Map(frontierReleases.map((each) => [each.id, each]));
  return columns([
    ['model', 'overall', 'owes', 'window ends', 'id'],
    ...models.map(({ frontier, overall, obligation, clock }) => {
      const model = named.get(frontier);
      return [
        clip(clean(model === undefined ? '' : `${model.name} ${model.version}`), 24),
        overall,
        obligation,
        clock === null ? 'no clock' : dateOf(clock.ends).slice(0, 10),
        `…${frontier.slice(-8)}`,
      ];
    }),
  ]);
}

/** Who, what, and every clause with its reason. */
export function reportView(report: ReportAnswer): string {
  const { model, lab, analog, clock } = report;
  return [
    fields([
      ['model', clean(`${model.name} ${model.version}, by ${lab.name}`)],
      ['analog', analog === null ? 'none' : clean(`${analog.name} ${analog.version}`)],
      ['as of', dateOf(report.at)],
      ['owes', `${report.obligation}, by version ${report.charter} of the charter`],
      [
        'window',
        clock === null ? 'no clock runs: not established' : `${dateOf(clock.opens)} to ${dateOf(clock.ends)}`,
      ],
      ['withheld', withheldText(report)],
    ]),
    '',
    clausesView(report.clauses),
    '',
    `overall: ${report.overall}`,
  ].join('\n');
}

function withheldText({ withheld }: Pick<ReportAnswer, 'withheld'>): string {
  if (withheld.length === 0) return 'nothing';
  const fields = withheld.map(({ kind, field, reason, openedBy }) => {
    const state = openedBy === null ? '' : ', opened since';
    return `${field} of ${kind} (${reason ?? 'no reason'}${state})`;
  });
  return clean(`${withheld.length}: ${fields.join(', ')}`);
}

/** One line a clause; under each that is not met, what stands behind it and what to do. */
export function clausesView(clauses: readonly ShownClause[]): string {
  return clauses.map(clauseLines).join('\n');
}

function clauseLines({ clause, state, asks, says, cure, until, code, evidence }: ShownClause): string {
  const head = hanging(`${clause.padEnd(4)} ${MARKS[state]} ${asks}`);
  if (state === 'met') return head;
  const by = until === undefined ? '' : ` (until ${dateOf(until)})`;
  const facts = evidence.map(({ what, value }) => (value === null ? what : `${what}: ${value}`)).join('; ');
  return [
    head,
    wrap(clean(`${code}: ${says}${by}`), INDENT),
    ...(facts === '' ? [] : [wrap(clean(facts), INDENT)]),
    ...(cure === null ? [] : [wrap(clean(`-> ${cure}`), INDENT)]),
  ].join('\n');
}

/** Further lines stand under the text, beside the mark. */
function hanging(text: string): string {
  return wrap(text.slice(INDENT.length), INDENT).replace(INDENT, text.slice(0, INDENT.length));
}

export function timelineView(timeline: readonly TimelineEntryAnswer[]): string {
  if (timeline.length === 0) return 'nothing yet';
  return timeline.map(entryLine).join('\n');
}

function entryLine(entry: TimelineEntryAnswer): string {
  const when = entry.at === null ? 'not established' : dateOf(entry.at);
  if (entry.type === 'due') {
    const done = entry.doneBy === null ? '' : `, done by …${entry.doneBy.slice(-8)}`;
    return `${when.padEnd(20)}    ${DUE_SENTENCES[entry.what]}${done}`;
  }
  const gone = entry.isWithdrawn ? ' (taken back)' : '';
  const text = clean(`${entry.by} ${entry.says}${gone} …${entry.id.slice(-8)}`);
  return wrap(text, ' '.repeat(22)).replace(' '.repeat(22), when.padEnd(22));
}
