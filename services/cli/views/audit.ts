import {
  AUDIT_CODES,
  type AuditReport,
  CHECK_WORDS,
  type CheckState,
  type CheckSummary,
} from '../../../protocols/audit/index.ts';
import { clean, fields, wrap } from '../terminal.ts';

const STATES: Readonly<Record<CheckState, string>> = {
  holds: 'holds',
  broken: 'DOES NOT HOLD',
  unchecked: 'not checked',
  none: '-',
};

/** The audit of one source at the width of a terminal: what was checked, then each fault in a sentence. */
export function auditView(place: string, report: AuditReport, elapsedMs: number): string {
  const { federation, name, isAnchored, messages, bytes, digest, notes } = report;
  const anchor = isAnchored ? 'as you named it' : 'taken from the source itself: compare it yourself';
  return [
    clean(name ?? 'A federation that could not be told'),
    fields([
      ['source', clean(place)],
      ['federation', federation ?? 'unknown'],
      ['', anchor],
      ['record', digest.derived ?? 'none'],
      ['read', `${count(messages)} messages, ${mib(bytes)} MiB, ${(elapsedMs / 1_000).toFixed(1)} s`],
    ]),
    '',
    ...report.checks.map(checkLine),
    ...section('What does not hold', findingsOf(report, 'broken')),
    ...section('What could not be checked', findingsOf(report, 'unchecked')),
    ...section(
      'What the messages tell',
      notes.map((note) => bullet(note)),
    ),
    '',
    wrap(conclusion(report)),
  ].join('\n');
}

function checkLine({ check, state, held, broken, unchecked }: CheckSummary): string {
  const { held: what, none } = CHECK_WORDS[check];
  const number = state === 'none' ? '' : count(state === 'holds' ? held : broken + unchecked);
  const text =
    state === 'holds'
      ? what
      : state === 'none'
        ? none
        : `${broken + unchecked === 1 ? 'fault' : 'faults'}, told below`;
  return `  ${check.padEnd(10)}  ${STATES[state].padEnd(13)}${number.padStart(9)}  ${text}`.trimEnd();
}

function findingsOf({ findings, checks }: AuditReport, state: 'broken' | 'unchecked'): string[] {
  const told = findings.filter(({ code }) => AUDIT_CODES[code] === state);
  const lines = told.map(({ code, detail, feed, sequence, id }, i) => {
    const where = [
      ...(feed === undefined ? [] : [`feed ${feed}`]),
      ...(sequence === undefined ? [] : [`message ${sequence}`]),
      ...(id === undefined ? [] : [clean(id)]),
    ];
    const heading = told[i - 1]?.code === code ? [] : [`  ${code}`];
    return [...heading, wrap(clean(detail), '    '), ...where.map((each) => `      ${each}`)].join('\n');
  });
  const total = checks.reduce((sum, each) => sum + each[state], 0);
  const more = total - told.length;
  return more > 0 ? [...lines, `  and ${count(more)} more of these`] : lines;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function bullet(text: string): string {
  return `  - ${wrap(clean(text), '    ').trimStart()}`;
}

function conclusion({ outcome, isAnchored }: AuditReport): string {
  if (outcome === 'broken') return 'This source claims what is not so.';
  if (outcome === 'unchecked')
    return 'Nothing that could be checked is false; not everything could be checked.';
  return isAnchored
    ? 'Everything that this source claims holds.'
    : 'Everything that this source claims holds of the federation that it names.';
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function mib(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}

/** The report as JSON: keys and order stay. */
export function auditJson(place: string, report: AuditReport): object {
  const { heads, fitOf: _, ...plain } = report;
  return {
    source: place,
    ...plain,
    heads: heads.map(({ author, size }) => ({ feed: author, size })),
  };
}
