import type { LetterAnswer, SubscriptionAnswer } from '../subscription-client.ts';
import { clean, fields } from '../terminal.ts';
import { dateOf } from './time.ts';

export function subscriptionsView(all: readonly SubscriptionAnswer[]): string {
  if (all.length === 0) return 'no subscriptions';
  return all
    .map(({ id, url, filter, cursor, state, failingSince, attempts, deadLetters }) =>
      fields([
        ['subscription', id],
        ['address', clean(url)],
        ['filter', clean(JSON.stringify(filter))],
        ['served up to', String(cursor)],
        ['state', stateOf(state, failingSince, attempts)],
        ['dead letters', String(deadLetters)],
      ]),
    )
    .join('\n\n');
}

export function deadView(letters: readonly LetterAnswer[]): string {
  if (letters.length === 0) return 'no dead letters';
  return letters
    .map(
      ({ cursor, type, failedAt, attempts, reason }) =>
        `${String(cursor).padStart(6)}  ${dateOf(failedAt)}  ${clean(type)}  ${attempts} tries, last ${clean(reason)}`,
    )
    .join('\n');
}

function stateOf(state: string, failingSince: number | null, attempts: number): string {
  if (failingSince === null || state !== 'active') return clean(state);
  return `fails since ${dateOf(failingSince)}, ${attempts} tries`;
}
