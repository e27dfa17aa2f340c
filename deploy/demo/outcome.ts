import type { ConditionCount } from '../../protocols/kinds/index.ts';
import { REASON_SENTENCES, sentenceOf } from '../../protocols/record/index.ts';
import { bearingOf, REASON_CODES } from '../../protocols/verdict/index.ts';
import type { FindingEntry, RecordAnswer } from '../../services/cli/answers.ts';
import { clean, clip, WIDTH, wrap } from '../../services/cli/terminal.ts';
import { FINDINGS } from './story.ts';

/** The table that the demo ends with: each finding, what the verifiers counted, what the record makes of it. */
export function outcomeTable(record: RecordAnswer, ids: readonly string[]): string {
  const nameOf = (key: string) => record.members.find((member) => member.key === key)?.name ?? key;
  const blocks = ids.map((id, index) => {
    const finding = record.findings.find((each) => each.id === id);
    return finding === undefined
      ? `${index + 1}. not in the record`
      : findingBlock(index + 1, finding, nameOf);
  });
  return [rule('='), ...blocks.flatMap((block) => [block, rule('-')])].join('\n');
}

function findingBlock(number: number, finding: FindingEntry, nameOf: (key: string) => string): string {
  const standing = finding.standing.toUpperCase();
  const title = clip(`${number}. ${clean(finding.title)}`, WIDTH - standing.length - 2);
  const rows = finding.verdicts.map((verdict) => countsLine(nameOf(verdict.verifier), verdict.counts));
  return [
    title + ' '.repeat(WIDTH - [...title].length - standing.length) + standing,
    COUNT_HEAD,
    countsLine('claimed', finding.claim.counts),
    ...rows,
    `   ${timesLine(finding)}`,
    ...decisiveReasons(finding).map((code) => wrap(`- ${sentenceOf(REASON_SENTENCES, code)}`, '   ')),
  ].join('\n');
}

/** When the witnesses had seen the finding, and each of its verdicts. */
function timesLine({ established, verdicts }: FindingEntry): string {
  const told = verdicts.map((verdict) => timeOf(verdict.established)).join(' and ');
  return `witnessed at ${timeOf(established)} UTC, its verdicts at ${told}`;
}

/** @param ms since 1970 */
function timeOf(ms: number | null): string {
  return ms === null ? 'no time yet' : new Date(ms).toISOString().slice(11, 19);
}

const CELLS = [
  ['baseline', 'trigger-rate', 'trigger'],
  ['treated', 'trigger-rate', 'treated'],
  ['control', 'trigger-rate', 'random vector'],
  ['baseline', 'dev-accuracy', '|dev| right'],
  ['treated', 'dev-accuracy', 'treated'],
] as const;
const WIDTHS = [8, 8, 14, 12, 8] as const;
const LABEL_WIDTH = 13;

const COUNT_HEAD = row(
  'of 200',
  CELLS.map(([, , label]) => label),
);

function countsLine(label: string, counts: readonly ConditionCount[]): string {
  const cells = CELLS.map(([condition, measure]) => {
    const found = counts.filter((count) => count.condition === condition && count.measure === measure);
    return found.length === 0 ? '-' : found.map((count) => String(count.k)).join(', ');
  });
  return row(label, cells);
}

function row(label: string, cells: readonly string[]): string {
  return `   ${label.padEnd(LABEL_WIDTH)}${cells.map((cell, i) => cell.padStart((WIDTHS[i] ?? 0) + 2)).join('')}`;
}

function rule(character: string): string {
  return character.repeat(WIDTH);
}

/** What settled it: every reason of a confirmed finding, the refuting ones of a refuted one. */
function decisiveReasons(finding: FindingEntry): string[] {
  return finding.reasons.filter((code) => {
    const known = REASON_CODES.find((each) => each === code);
    return finding.standing === 'confirmed' || (known !== undefined && bearingOf(known) === 'refutes');
  });
}

export interface Expectation {
  readonly text: string;
  readonly holds: boolean;
}

/** What must be true of one node's record for the demo to have succeeded. */
export function expectStandings(record: RecordAnswer, ids: readonly string[]): Expectation[] {
  return FINDINGS.map(({ expected }, index) => {
    const finding = record.findings.find((each) => each.id === ids[index]);
    return {
      text: `finding ${index + 1} is ${expected.standing}, with ${expected.reason} among its reasons`,
      holds: finding?.standing === expected.standing && finding.reasons.includes(expected.reason),
    };
  });
}
