import type { Plain } from '../base/plain.ts';
import type { NodeEvent } from './event.ts';

/** One line for a person, such as `example-lab released the analog tiny-analog 1.0 (314,048 parameters)`. */
export function summarize(event: NodeEvent, authorName: string): string {
  const { data } = event;
  switch (event.type) {
    case 'member.joined':
      return `${authorName} joined the federation`;
    case 'member.card-published':
      return `${authorName} published where it can be reached`;
    case 'frontier.released':
      return `${authorName} deployed the frontier model ${model(data)}`;
    case 'analog.released':
      return `${authorName} released the analog ${model(data)}`;
    case 'finding.published':
      return `${authorName} published the finding “${word(data['title'])}”`;
    case 'verdict.published':
      return `${authorName} re-ran finding ${short(data['finding'])}: ${word(data['outcome'])}`;
    case 'finding.standing-changed':
      return `“${word(data['title'])}” is now ${word(data['standing'])}`;
    case 'message.accepted':
      return `${authorName} sent ${word(data['kind'])}`;
  }
}

function model(data: NodeEvent['data']): string {
  const { name, version, parameters } = data;
  const size = typeof parameters === 'number' ? `${grouped(parameters)} parameters` : 'size withheld';
  return `${word(name)} ${word(version)} (${size})`;
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
