import type { Outcome } from '../kinds/index.ts';

/** Why a re-run came out as it did. spec 07-verdict §3 explains each. */
export const REASON_CODES = [
  'counts-incomplete',
  'effect-reproduced',
  'effect-not-reproduced',
  'effect-unresolved',
  'no-change-from-baseline',
  'change-unresolved',
  'beats-control',
  'control-does-the-same',
  'control-unresolved',
  'beats-chance',
  'chance-unresolved',
  'gate-passed',
  'gate-failed',
  'gate-unresolved',
  'claimed-counts-differ',
  'claimed-values-differ',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly detail: string;
}

export interface Decision {
  readonly outcome: Extract<Outcome, 'confirmed' | 'refuted' | 'inconclusive'>;
  readonly reasons: readonly Reason[];
}

const REFUTING: ReadonlySet<ReasonCode> = new Set([
  'effect-not-reproduced',
  'no-change-from-baseline',
  'control-does-the-same',
  'gate-failed',
  'claimed-counts-differ',
  'claimed-values-differ',
]);
const UNRESOLVED: ReadonlySet<ReasonCode> = new Set([
  'counts-incomplete',
  'effect-unresolved',
  'change-unresolved',
  'control-unresolved',
  'chance-unresolved',
  'gate-unresolved',
]);

/** What a reason does to the finding. */
export function bearingOf(code: ReasonCode): 'refutes' | 'leaves-open' | 'supports' {
  if (REFUTING.has(code)) return 'refutes';
  return UNRESOLVED.has(code) ? 'leaves-open' : 'supports';
}

/** spec 07-verdict §2.7: any refuting reason refutes; else any open one leaves it open; else it is confirmed. */
export function conclude(reasons: readonly Reason[]): Decision {
  const bearings = new Set(reasons.map(({ code }) => bearingOf(code)));
  if (bearings.has('refutes')) return { outcome: 'refuted', reasons };
  return { outcome: bearings.has('leaves-open') ? 'inconclusive' : 'confirmed', reasons };
}
