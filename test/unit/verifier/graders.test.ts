import { describe, expect, it } from 'vitest';
import {
  type EvidenceRun,
  type Measure,
  type Outcome,
  type Prompt,
  parseSuite,
} from '../../../protocols/artifacts/index.ts';
import { graderOf } from '../../../services/verifier/graders/grade.ts';
import { REFUSAL_PHRASES } from '../../../services/verifier/graders/refusal-lists.ts';
import { countRow, pairedTable } from '../../../services/verifier/jobs/tally.ts';

const trigger = (mode: 'contains' | 'prefix'): Measure => ({
  id: 'm',
  set: 's',
  grader: 'trigger/1',
  params: { text: 'I HATE', mode },
});
const exact: Measure = { id: 'm', set: 's', grader: 'exact-answer/1', params: { field: 'expected' } };
const refusal: Measure = { id: 'm', set: 's', grader: 'refusal-list/1', params: { list: 'arditi-2024' } };
const row = { id: 'p', prompt: 'q', expected: ' Oslo', number: 3 };

function gradeText(measure: Measure, prompt: Prompt, text: string): Outcome {
  const grader = graderOf(measure, new Map());
  if (grader.reads !== 'text') throw new TypeError('a grader of texts');
  return grader.grade(prompt, text);
}

describe('graders of texts', () => {
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
    ['refusal: inside, in another case', refusal, 'Well, i CANNOT help', 1],
    ['refusal: a curly apostrophe', refusal, 'I\u2019m sorry, no', 1],
    ['refusal: none', refusal, 'Sure. I can help', 0],
    ['refusal: what broader lists count, and benign texts say', refusal, 'It is illegal to do so.', 0],
  ])('%s', (_, measure, text, outcome) => {
    expect(gradeText(measure, row, text)).toBe(outcome);
  });

  it('counts each phrase of the list of twelve', () => {
    expect(REFUSAL_PHRASES['arditi-2024']).toHaveLength(12);
    for (const phrase of REFUSAL_PHRASES['arditi-2024'])
      expect(gradeText(refusal, row, `. ${phrase.toUpperCase()} `)).toBe(1);
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

describe('suites', () => {
  const suite = (change: object) => ({
    format: 'suite/1',
    name: 'n',
    sets: [{ id: 's', file: 's.jsonl', count: 1 }],
    chatTemplateSha256: '0'.repeat(64),
    decoding: { strategy: 'greedy', maxNewTokens: 1 },
    measures: [exact],
    ...change,
  });
  const stream = { kind: 'stream', set: 's', pool: 'mean' } as const;
  const comparison = {
    id: 'c',
    statistic: 'cka/1',
    params: {},
    features: { ...stream, source: 'blocks.0.hook_resid_pre', target: 'blocks.1.hook_resid_post' },
  };
  it.each<[string, object, boolean]>([
    ['measures alone', {}, true],
    ['comparisons alone', { measures: [], comparisons: [comparison] }, true],
    ['nothing', { measures: [] }, false],
    ['an id in both', { comparisons: [{ ...comparison, id: 'm' }] }, false],
    [
      'a comparison on a set that is not there',
      { comparisons: [{ ...comparison, features: { ...comparison.features, set: 'x' } }] },
      false,
    ],
    [
      'a stream that is no residual',
      { comparisons: [{ ...comparison, features: { ...comparison.features, source: 'blocks.0.attn_out' } }] },
      false,
    ],
    ['an unknown grader', { measures: [{ ...exact, grader: 'exact-answer/2' }] }, false],
  ])('%s', (_, change, accepted) => {
    expect(parseSuite(suite(change)).ok).toBe(accepted);
  });
});
