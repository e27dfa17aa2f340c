import type { Plain } from '../base/plain.ts';
import type { NodeEvent } from './event.ts';

/** What an event names by key or id, in words; null where the teller does not know. */
export interface EventNames {
  readonly author: string | null;
  /** Title of the finding that the event is about. */
  readonly finding: string | null;
}

/** One line for a person. The news comes first: where the line is cut, only a title is lost. */
export function summarize({ type, author, data }: NodeEvent, names: EventNames): string {
  const who = names.author ?? author;
  const finding = names.finding === null ? `finding ${short(data['finding'])}` : `“${names.finding}”`;
  switch (type) {
    case 'member.joined':
      return `${who} joined the federation`;
    case 'member.card-published':
      return `${who} published where it can be reached`;
    case 'member.forked':
      return `${who} told two stories of one place in its feed; what follows no longer counts`;
    case 'member.key-rotated':
      return `${word(data['member'])} speaks with a new key`;
    case 'member.revoked':
      return `${word(data['member'])} ${data['reason'] === 'compromised' ? 'has lost a key' : 'has left the federation'}`;
    case 'charter.proposed':
      return `${who} proposes version ${count(data['version'])} of the charter: ${word(data['reason'])}`;
    case 'charter.consented':
      return `${who} consents to version ${count(data['version'])} of the charter`;
    case 'charter.in-force':
      return `version ${count(data['version'])} of the charter is in force`;
    case 'frontier.released':
      return `${who} deployed the frontier model ${model(data)}`;
    case 'analog.released':
      return `${who} released the analog ${model(data)}`;
    case 'finding.published':
      return `${who} published a finding: “${word(data['title'])}”`;
    case 'verdict.published':
      return `${who} re-ran, ${word(data['outcome'])}: ${finding}`;
    case 'finding.standing-changed':
      return `finding now ${word(data['to'])}: ${finding}`;
    case 'deadline.near':
      return `${dueOf(data)} of ${word(data['model'])} (${word(data['lab'])}) is due by ${dateOf(data['due'])}: ${count(data['days'])} days or less`;
    case 'deadline.passed':
      return `${dueOf(data)} of ${word(data['model'])} (${word(data['lab'])}) is overdue since ${dateOf(data['due'])}`;
    case 'message.established':
      return `witnesses had seen ${kindOf(data)} of ${who} by ${dateOf(data['established'])}`;
    case 'message.accepted':
      return `${who} sent ${kindOf(data)}`;
  }
}

function model({ name, version, parameters }: NodeEvent['data']): string {
  const size = typeof parameters === 'number' ? ` (${grouped(parameters)} parameters)` : '';
  return `${word(name)} ${word(version)}${size}`;
}

/** 314048 -> `314,048`, without a locale: the same text on every node. */
function grouped(integer: number): string {
  return String(integer).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The last eight characters: the first ones are the same in every CID. */
function short(value: Plain | undefined): string {
  return typeof value === 'string' ? `…${value.slice(-8)}` : 'unknown';
}

function count(value: Plain | undefined): string {
  return typeof value === 'number' ? String(value) : 'unknown';
}

/** Milliseconds since 1970 -> `2026-11-21 14:03 UTC`. */
function dateOf(value: Plain | undefined): string {
  if (typeof value !== 'number' || value > 8.64e15) return 'an unknown time';
  return `${new Date(value).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const DUE_WORDS: Readonly<Record<string, string>> = {
  'analog-due': 'the analog',
  'report-due': 'the compliance report',
  'audit-due': 'the audit',
  'cure-due': 'the cure',
  'answer-due': 'the answer',
};

function dueOf({ what }: NodeEvent['data']): string {
  return (typeof what === 'string' ? DUE_WORDS[what] : undefined) ?? 'something';
}

/** `notice-of-non-compliance/1` -> `a notice of non-compliance` */
function kindOf({ kind }: NodeEvent['data']): string {
  const name = word(kind)
    .replace(/\/\d+$/, '')
    .replaceAll(/-(?!compliance)/g, ' ');
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

function word(value: Plain | undefined): string {
  return typeof value === 'string' ? value : 'unknown';
}
