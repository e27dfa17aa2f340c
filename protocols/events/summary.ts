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
      return `${who} signed two messages for one place in its feed; what follows no longer counts`;
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
    case 'message.accepted':
      return `${who} sent ${word(data['kind'])}`;
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

function word(value: Plain | undefined): string {
  return typeof value === 'string' ? value : 'unknown';
}
