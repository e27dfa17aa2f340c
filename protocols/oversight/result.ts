import type { MessageId } from '../base/ids.ts';
import type { ClauseId } from '../kinds/index.ts';
import type { ClauseCode } from './codes.ts';

/** A fact behind a result, and the message that states it; null where the record as a whole shows it. */
export interface Evidence {
  readonly what: string;
  readonly value: string | number | null;
  readonly message: MessageId | null;
}

/** How a clause stands on a date. spec 18-oversight §2.2 */
export type Finding = {
  /** Stable, for programs. */
  readonly code: ClauseCode;
  readonly evidence: readonly Evidence[];
} & (
  | { readonly state: 'met' | 'not-met' | 'cannot-be-known' }
  /** Decided by then at the latest, milliseconds since 1970. */
  | { readonly state: 'pending'; readonly until: number }
);

export type ClauseResult = { readonly clause: ClauseId } & Finding;

export function met(code: ClauseCode, ...evidence: readonly Evidence[]): Finding {
  return { state: 'met', code, evidence };
}

export function notMet(code: ClauseCode, ...evidence: readonly Evidence[]): Finding {
  return { state: 'not-met', code, evidence };
}

export function pending(code: ClauseCode, until: number, ...evidence: readonly Evidence[]): Finding {
  return { state: 'pending', code, until, evidence };
}

export function unknown(code: ClauseCode, ...evidence: readonly Evidence[]): Finding {
  return { state: 'cannot-be-known', code, evidence };
}

export function fact(
  what: string,
  value: string | number | null,
  message: { readonly id: MessageId } | null = null,
): Evidence {
  return { what, value, message: message?.id ?? null };
}
