import type { FederationId, MemberKey } from '../base/ids.ts';
import type { Head } from '../feed/index.ts';
import { AUDIT_CODES, type AuditCode, CHECKS, type CheckName } from './codes.ts';
import type { Fit } from './heads.ts';

/** Findings of one check that are kept; the others are counted. A source can make any number of them. */
const KEPT_FINDINGS = 50;

/** Where something was found: whatever of it is known. */
export interface Place {
  readonly feed?: MemberKey;
  readonly sequence?: number;
  /** Id of a message, or CID of content. */
  readonly id?: string;
}

export interface AuditFinding extends Place {
  readonly check: CheckName;
  readonly code: AuditCode;
  /** One plain sentence. May hold text of the source: clean it before it is shown. */
  readonly detail: string;
}

/** `holds`: all that was checked is so. `none`: there was nothing to check. */
export type CheckState = 'holds' | 'broken' | 'unchecked' | 'none';

export interface CheckSummary {
  readonly check: CheckName;
  readonly state: CheckState;
  /** Things checked that hold. */
  readonly held: number;
  readonly broken: number;
  readonly unchecked: number;
}

/** What an audit found. Plain data, but for the means to compare with it. */
export interface AuditReport {
  readonly federation: FederationId | null;
  readonly name: string | null;
  /** False where the federation's id was taken from the source itself. */
  readonly isAnchored: boolean;
  readonly outcome: 'holds' | 'broken' | 'unchecked';
  readonly checks: readonly CheckSummary[];
  readonly findings: readonly AuditFinding[];
  /** Facts that the messages prove and a reader should know: they are no fault of the source. */
  readonly notes: readonly string[];
  readonly messages: number;
  readonly bytes: number;
  readonly digest: { readonly derived: string | null; readonly claimed: string | null };
  /** Signed heads that hold: to compare with another day's, or another node's. */
  readonly heads: readonly Head[];
  /** How a head seen elsewhere fits the feeds as they were read. */
  readonly fitOf: (head: Head) => Fit;
}

/** Collects what checks find. */
export class Findings {
  readonly #kept: AuditFinding[] = [];
  readonly #tally = new Map(CHECKS.map((check) => [check, { held: 0, broken: 0, unchecked: 0 }]));
  readonly notes: string[] = [];

  holds(check: CheckName, count = 1): void {
    this.#tallyOf(check).held += count;
  }

  add(check: CheckName, code: AuditCode, detail: string, place: Place = {}): void {
    const tally = this.#tallyOf(check);
    const severity = AUDIT_CODES[code];
    if (tally.broken + tally.unchecked < KEPT_FINDINGS) this.#kept.push({ check, code, detail, ...place });
    tally[severity] += 1;
  }

  /** Whether anything was found wrong, or could not be checked. */
  isClean(check: CheckName): boolean {
    const { broken, unchecked } = this.#tallyOf(check);
    return broken === 0 && unchecked === 0;
  }

  summaries(): CheckSummary[] {
    return CHECKS.map((check) => {
      const tally = this.#tallyOf(check);
      return { check, state: stateOf(tally), ...tally };
    });
  }

  kept(): readonly AuditFinding[] {
    return this.#kept;
  }

  #tallyOf(check: CheckName) {
    return this.#tally.get(check) as { held: number; broken: number; unchecked: number };
  }
}

export function outcomeOf(checks: readonly CheckSummary[]): AuditReport['outcome'] {
  if (checks.some(({ state }) => state === 'broken')) return 'broken';
  return checks.some(({ state }) => state === 'unchecked') ? 'unchecked' : 'holds';
}

function stateOf({ held, broken, unchecked }: Omit<CheckSummary, 'check' | 'state'>): CheckState {
  if (broken > 0) return 'broken';
  if (unchecked > 0) return 'unchecked';
  return held > 0 ? 'holds' : 'none';
}
