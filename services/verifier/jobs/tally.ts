import type { EvidenceRun, Outcome } from '../../../protocols/artifacts/index.ts';
import type { CountRow, PairedTable } from './job.ts';

export function countRow(run: EvidenceRun): CountRow {
  const outcomes = run.results.map((result) => result.outcome);
  const unscored = outcomes.filter((outcome) => outcome === 'unscored').length;
  return {
    condition: run.condition,
    measure: run.measure,
    n: outcomes.length - unscored,
    k: outcomes.filter((outcome) => outcome === 1).length,
    unscored,
  };
}

/** The 2x2 table McNemar's test needs, over prompts that both runs scored. */
export function pairedTable(left: EvidenceRun, right: EvidenceRun): PairedTable {
  const table = { both: 0, leftOnly: 0, rightOnly: 0, neither: 0 };
  for (const [index, { outcome }] of left.results.entries()) {
    const other = right.results[index]?.outcome;
    const cell = other === undefined ? null : cellOf(outcome, other);
    if (cell !== null) table[cell]++;
  }
  return { measure: left.measure, left: left.condition, right: right.condition, ...table };
}

function cellOf(left: Outcome, right: Outcome): 'both' | 'leftOnly' | 'rightOnly' | 'neither' | null {
  if (left === 'unscored' || right === 'unscored') return null;
  if (left === 1) return right === 1 ? 'both' : 'leftOnly';
  return right === 1 ? 'rightOnly' : 'neither';
}
