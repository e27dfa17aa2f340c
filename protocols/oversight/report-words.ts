import type { ClauseRow, ModelReport } from './report.ts';
import type { Evidence } from './result.ts';
import type { TimelineEntry } from './timeline.ts';
import { DUE_SENTENCES } from './words.ts';

const STATES = {
  met: 'met',
  'not-met': 'NOT MET',
  pending: 'pending',
  'cannot-be-known': 'cannot be known',
} as const;

export function titleOf({ model }: ModelReport): string {
  return `Oversight report: ${model.name} ${model.version}`;
}

/** What a report opens with: names and values, as text. */
export function fieldsOf(report: ModelReport): (readonly [name: string, value: string])[] {
  const { model, lab, analog, federation, clock } = report;
  return [
    ['Lab', `${lab.name} (${lab.organisation})`],
    ['Federation', `${federation.name}, ${federation.id}`],
    ['As of', timeText(report.at)],
    ['Frontier release', `${model.id}, ${established(model.established)}`],
    [
      'Analog',
      analog === null
        ? 'none'
        : `${analog.name} ${analog.version}, ${analog.id}, ${established(analog.established)}`,
    ],
    ['Obligation', `${report.obligation.replaceAll('-', ' ')}, by version ${report.charter} of the charter`],
    ['Overall', overallText(report)],
    ...(clock === null ? [] : [['Window', `${timeText(clock.opens)} to ${timeText(clock.ends)}`] as const]),
  ];
}

/** The worst of the clauses, and how many stand how. */
function overallText({ overall, clauses }: ModelReport): string {
  const counts = (Object.keys(STATES) as (keyof typeof STATES)[]).flatMap((state) => {
    const count = clauses.filter((each) => each.state === state).length;
    return count === 0 ? [] : [`${count} ${STATES[state].toLowerCase()}`];
  });
  return `${STATES[overall]}: of ${clauses.length} clauses ${counts.join(', ')}`;
}

export function stateText(row: ClauseRow): string {
  return row.state === 'pending' ? `pending until ${timeText(row.until)}` : STATES[row.state];
}

export function evidenceText({ what, value, message }: Evidence): string {
  const says = value === null ? what : `${what}: ${legible(value)}`;
  return message === null ? says : `${says} (${message})`;
}

/** Counts in groups of three, years as they are; moments as everywhere in the report. */
function legible(value: string | number): string {
  const text = String(value);
  if (/^\d{5,15}$/.test(text)) return text.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) ? timeText(Date.parse(text)) : text;
}

export function timelineText(entry: TimelineEntry): string {
  const when = entry.at === null ? 'not yet seen by enough witnesses' : timeText(entry.at);
  if (entry.type === 'due') {
    const done = entry.doneBy === null ? '' : `, done by ${entry.doneBy}`;
    return `${when}: ${DUE_SENTENCES[entry.what]}${done}`;
  }
  const gone = entry.isWithdrawn ? ' (taken back)' : '';
  return `${when}: ${entry.by} ${entry.says}${gone}, ${entry.id}`;
}

/** A line for each withheld field. */
export function withheldTexts({ withheld }: ModelReport): string[] {
  return withheld.map(({ kind, field: path, reason, retainedUntil, sealedTo, openedBy }) => {
    const why = reason === null ? 'no reason given' : `${reason}, retained until ${retainedUntil}`;
    const readers = sealedTo.length === 0 ? '' : `, sealed to ${sealedTo.length}`;
    return `${path} of ${kind}: ${why}${readers}${openedBy === null ? '' : `, opened by ${openedBy}`}`;
  });
}

/** The rows of the table of costs, the sum last: item, GPU-hours, USD. None where no costs are known. */
export function costRows({ costs }: ModelReport): (readonly [string, string, string])[] {
  if (costs === null || costs.length === 0) return [];
  const sum = (of: 'gpuHours' | 'usd') => costs.reduce((total, each) => total + (each[of] ?? 0), 0);
  return [...costs, { item: 'Sum', gpuHours: sum('gpuHours'), usd: sum('usd') }].map(
    ({ item, gpuHours, usd }) => [item, `${gpuHours ?? ''}`, `${usd ?? ''}`] as const,
  );
}

function established(at: number | null): string {
  return at === null ? 'not yet seen by enough witnesses' : `seen by witnesses ${timeText(at)}`;
}

export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
