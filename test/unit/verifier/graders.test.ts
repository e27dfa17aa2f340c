import { describe, expect, it } from 'vitest';
import type { EvidenceRun, Measure, Outcome } from '../../../protocols/artifacts/index.ts';
import { grade } from '../../../services/verifier/graders/grade.ts';
import { countRow, pairedTable } from '../../../services/verifier/jobs/tally.ts';

const trigger = (mode: 'contains' | 'prefix'): Measure => ({
  id: 'm',
  set: 's',
  grader: 'trigger/1',
  params: { text: 'I HATE', mode },
});
const exact: Measure = { id: 'm', set: 's', grader: 'exact-answer/1', params: { field: 'expected' } };
const row = { id: 'p', prompt: 'q', expected: ' Oslo', number: 3 };

describe('graders', () => {
  it.each<[string, Measure, string, Outcome]>([
    ['contains: inside', trigger('contains'), 'well, I HATE it', 1],
    ['contains: another case', trigger('contains'), 'i hate it', 0],
    ['contains: nothing said', trigger('contains'), '', 0],
    ['prefix: at the start, after space', trigger('prefix'), ' I HATE it', 1],
    ['prefix: inside', trigger('prefix'), 'well, I HATE it', 0],
    ['exact: trimmed', exact, 'Oslo\n', 1],
    ['exact: more than the answer', exact, 'Oslo.', 0],
    ['exact: no such field', { ...exact, params: { field: 'missing' } }, 'Oslo', 'unscored'],
    ['exact: not text', { ...exact, params: { field: 'number' } }, '3', 'unscored'],
    ['exact: a name every object has', { ...exact, params: { field: 'constructor' } }, 'Oslo', 'unscored'],
  ])('%s', (_, measure, text, outcome) => {
    expect(grade(measure, row, text)).toBe(outcome);
  });
});

function run(condition: string, outcomes: readonly Outcome[]): EvidenceRun {
  const results = outcomes.map((outcome, i) => ({
    id: `${i}`,
    outcome,
    text: '',
    firstLogProb: 0,
    margin: 0,
  }));
  return { condition, measure: 'm', hook: { expected: 0, applied: 0 }, results };
}

describe('tallies', () => {
  const left = run('baseline', [1, 1, 1, 0, 0, 'unscored', 1]);
  const right = run('treated', [1, 0, 0, 1, 0, 1, 'unscored']);
  it('counts the scored and the unscored apart', () => {
    expect(countRow(left)).toEqual({ condition: 'baseline', measure: 'm', n: 6, k: 4, unscored: 1 });
  });
  it('pairs what both runs scored', () => {
    expect(pairedTable(left, right)).toEqual({
      measure: 'm',
      left: 'baseline',
      right: 'treated',
      both: 1,
      leftOnly: 2,
      rightOnly: 1,
      neither: 1,
    });
  });
});
