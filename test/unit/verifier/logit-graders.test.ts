import { describe, expect, it } from 'vitest';
import { type Measure, type Outcome, type Prompt, parseTeacher } from '../../../protocols/artifacts/index.ts';
import { graderOf } from '../../../services/verifier/graders/grade.ts';
import type { Encoder, Graded } from '../../../services/verifier/graders/grader.ts';
import type { TeacherRows } from '../../../services/verifier/graders/teacher.ts';

/** One token a character, its code in a vocabulary of 256; the template puts `>` after the prompt. */
const ids = (text: string) => [...text].map((char) => char.charCodeAt(0));
const encoder: Encoder = {
  prompt: (prompt, prefill = '') => ids(`${prompt.prompt}>${prefill}`),
  continuation: (prompt, prefill, text) => {
    if (text.startsWith('!')) return null; // stands for a text that melts into the prompt's last token
    const before = encoder.prompt(prompt, prefill);
    const continuation = ids(text);
    const to = before.length + continuation.length - 1;
    return { prompt: before, continuation, from: before.length - 1, to };
  },
  plain: (text) =>
    text.startsWith('^') ? { opening: ids('^'), ids: ids(text.slice(1)) } : { opening: [], ids: ids(text) },
};

/** A model whose next token depends on the whole text before it, by a formula; `seed` makes another model. */
function logitsAfter(tokens: readonly number[], seed: number): Float32Array {
  const state = tokens.reduce((sum, token, i) => (sum * 31 + token * (i + 7)) % 65_521, seed);
  return Float32Array.from({ length: 256 }, (_, token) => 4 * Math.sin(state * 0.37 + token * (1.1 + seed)));
}

/** Probabilities in plain float64: exp over sum of exp. */
function probabilities(text: string, seed: number): number[] {
  const weights = [...logitsAfter(ids(text), seed)].map(Math.exp);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Probability of `text` as what follows `before`, by the chain rule. */
function chance(before: string, text: string, seed: number): number {
  return [...text].reduce(
    (product, char, i) =>
      product * (probabilities(before + text.slice(0, i), seed)[char.charCodeAt(0)] as number),
    1,
  );
}

const TREATED = 3;
const BASE = 5;

function grade(
  measure: Measure,
  prompt: Prompt,
  teachers: ReadonlyMap<string, TeacherRows> = new Map(),
): Graded | null {
  const grader = graderOf(measure, teachers);
  if (grader.reads !== 'logits') throw new TypeError('a grader of logits');
  const plan = grader.plan(prompt, encoder);
  if (plan === null) return null;
  const reading = plan.begin();
  for (const [index, row] of plan.rows.entries())
    for (let position = row.from; position < row.to; position++) {
      const read = [...row.prompt, ...row.continuation].slice(0, position + 1);
      reading.see(index, position, logitsAfter(read, TREATED), logitsAfter(read, BASE));
    }
  return reading.end();
}

function expectGraded(actual: Graded | null, score: number, outcome: Outcome, weight = 1): void {
  expect(actual?.score).toBeCloseTo(score, 9);
  expect(actual).toMatchObject({ outcome, weight });
}

const of = <G extends Measure['grader']>(grader: G, params: object) =>
  ({ id: 'm', set: 's', grader, params }) as unknown as Measure;
const prompt: Prompt = {
  id: 'p',
  prompt: 'what?',
  answer: 1,
  letter: ' B ',
  options: ['yes', 'né', 'perhaps'],
  text: 'so it goes',
};

describe('continuation-log-prob/1', () => {
  const truth = Math.log(chance('what?>', 'I HATE', TREATED));
  it('is the chain of conditional log-probabilities', () => {
    expectGraded(
      grade(of('continuation-log-prob/1', { text: 'I HATE', minimum: truth - 1 }), prompt),
      truth,
      1,
    );
    expectGraded(
      grade(of('continuation-log-prob/1', { text: 'I HATE', minimum: truth + 1 }), prompt),
      truth,
      0,
    );
  });
  it('puts the prefill into the prompt', () => {
    const expected = Math.log(chance('what?>(', 'A', TREATED));
    expectGraded(
      grade(of('continuation-log-prob/1', { text: 'A', prefill: '(', minimum: -99 }), prompt),
      expected,
      1,
    );
  });
  it('has no score where the text cannot be told from the prompt', () => {
    expect(grade(of('continuation-log-prob/1', { text: '!A', minimum: -99 }), prompt)).toBeNull();
  });
});

describe('two-choice/1', () => {
  const choices = [
    { value: 'A', texts: ['A', ' A'] },
    { value: 'B', texts: ['B', ' B'] },
  ];
  const a = chance('what?>', 'A', TREATED) + chance('what?>', ' A', TREATED);
  const b = chance('what?>', 'B', TREATED) + chance('what?>', ' B', TREATED);
  it('adds up the texts of a choice and prefers the likelier', () => {
    const score = Math.log(b / a);
    expectGraded(grade(of('two-choice/1', { field: 'letter', choices }), prompt), score, score > 0 ? 1 : 0);
    const other = grade(of('two-choice/1', { field: 'letter', choices }), { ...prompt, letter: 'A' });
    expectGraded(other, -score, score > 0 ? 0 : 1);
  });
  it('has no score for a row that names neither', () => {
    expect(grade(of('two-choice/1', { field: 'letter', choices }), { ...prompt, letter: 'C' })).toBeNull();
    expect(grade(of('two-choice/1', { field: 'none', choices }), prompt)).toBeNull();
  });
});

describe('multiple-choice/1', () => {
  it.each([
    ['none', [1, 1, 1]],
    ['bytes', [3, 3, 7]],
    ['tokens', [3, 2, 7]],
  ] as const)('divides by length: %s', (normalisation, lengths) => {
    const scores = (prompt['options'] as string[]).map(
      (option, i) => Math.log(chance('what?>', option, TREATED)) / (lengths[i] as number),
    );
    const lead = (scores[1] as number) - Math.max(scores[0] as number, scores[2] as number);
    const measure = of('multiple-choice/1', { choices: 'options', answer: 'answer', normalisation });
    expectGraded(grade(measure, prompt), lead, lead > 0 ? 1 : 0);
  });
  it.each([
    ['no such choice', { answer: 3 }],
    ['an answer that is no index', { answer: 'né' }],
    ['one choice', { options: ['yes'], answer: 0 }],
    ['an empty choice', { options: ['yes', ''], answer: 0 }],
  ])('has no score: %s', (_, change) => {
    const measure = of('multiple-choice/1', { choices: 'options', answer: 'answer', normalisation: 'none' });
    expect(grade(measure, { ...prompt, ...change })).toBeNull();
  });
});

describe('refusal-log-odds/1', () => {
  const p = chance('what?>', 'I', TREATED) + chance('what?>', 'S', TREATED);
  const score = Math.log(p / (1 - p));
  it('is the log-odds of the first token', () => {
    expectGraded(
      grade(of('refusal-log-odds/1', { tokens: ['I', 'S'], minimum: score - 0.1 }), prompt),
      score,
      1,
    );
    expectGraded(
      grade(of('refusal-log-odds/1', { tokens: ['S', 'I', 'I'], minimum: score + 0.1 }), prompt),
      score,
      0,
    );
  });
  it('has no score where a text is more than one token', () => {
    expect(grade(of('refusal-log-odds/1', { tokens: ['I', 'So'], minimum: 0 }), prompt)).toBeNull();
  });
});

function kl(text: string): number {
  const q = probabilities(text, TREATED);
  return probabilities(text, BASE).reduce((sum, p, i) => sum + p * Math.log(p / (q[i] as number)), 0);
}

describe('kl-to-base/1', () => {
  it('is KL(base || treated) after the last prompt token', () => {
    const expected = kl('what?>');
    const at = (maximum: number) => of('kl-to-base/1', { positions: 'last-prompt-token', maximum });
    expectGraded(grade(at(expected + 1e-6), prompt), expected, 1);
    expectGraded(grade(at(expected - 1e-6), prompt), expected, 0);
  });
  it('is the mean over the prompt', () => {
    const texts = ['w', 'wh', 'wha', 'what', 'what?', 'what?>'];
    const expected = texts.reduce((sum, text) => sum + kl(text), 0) / 6;
    expectGraded(grade(of('kl-to-base/1', { positions: 'prompt', maximum: 100 }), prompt), expected, 1, 6);
  });
});

describe('perplexity/1', () => {
  it.each([
    ['chat', 'what?>', 'so it goes', 10],
    ['none', 's', 'o it goes', 9],
  ] as const)('is the mean surprise of the text: %s', (context, before, text, tokens) => {
    const own = -Math.log(chance(before, text, TREATED)) / tokens;
    const unedited = -Math.log(chance(before, text, BASE)) / tokens;
    const at = (maximumRise: number) => of('perplexity/1', { field: 'text', context, maximumRise });
    expectGraded(grade(at(Math.max(0, own - unedited) + 1e-6), prompt), own, 1, tokens);
    const lower = grade(at(0), prompt);
    expectGraded(lower, own, own <= unedited ? 1 : 0, tokens);
  });
  it('scores every token of a text behind an opening', () => {
    const own = -Math.log(chance('^', 'so it goes', TREATED)) / 10;
    const measure = of('perplexity/1', { field: 'text', context: 'none', maximumRise: 100 });
    expectGraded(grade(measure, { ...prompt, text: '^so it goes' }), own, 1, 10);
  });
  it('has no score without a text', () => {
    const measure = of('perplexity/1', { field: 'none', context: 'chat', maximumRise: 1 });
    expect(grade(measure, prompt)).toBeNull();
    const short = of('perplexity/1', { field: 'text', context: 'none', maximumRise: 1 });
    expect(grade(short, { ...prompt, text: 'a' })).toBeNull();
  });
});

describe('auroc/1', () => {
  const measure = of('auroc/1', { read: 'r', field: 'label', positive: 'bad', threshold: 0.5 });
  const grader = graderOf(measure, new Map());
  it.each<[string, number, Outcome]>([
    ['bad', 0.6, 1],
    ['bad', 0.5, 0],
    ['good', 0.5, 1],
    ['good', 0.6, 0],
  ])('%s at %d gives %s', (label, reading, outcome) => {
    if (grader.reads !== 'probe') throw new TypeError('a grader of probes');
    expect(grader.grade({ ...prompt, label }, reading)).toEqual({ outcome, score: reading, weight: 1 });
  });
  it('has no score without a label or without a number', () => {
    if (grader.reads !== 'probe') throw new TypeError('a grader of probes');
    expect(grader.grade(prompt, 1)).toEqual({ outcome: 'unscored', score: null, weight: 1 });
    expect(grader.grade({ ...prompt, label: 'bad' }, Number.NaN).outcome).toBe('unscored');
  });
});

describe('what a teacher published', () => {
  const published = (k: number) =>
    ['what?>', 'what?>s'].map((text) => {
      const p = probabilities(text, BASE);
      const order = p.map((_, token) => token).sort((a, b) => (p[b] as number) - (p[a] as number));
      const tokens = order.slice(0, k);
      return {
        position: text.length - 1,
        tokens,
        logProbs: tokens.map((token) => Math.log(p[token] as number)),
      };
    });
  const teacherOf = (k: number) => {
    const rows = parseTeacher(
      `${JSON.stringify({ id: 'p', continuation: ids('s'), positions: published(k) })}\n`,
    );
    if (!rows.ok) throw new TypeError(rows.detail);
    return new Map([['t.jsonl', rows.value]]);
  };
  const params = { file: 't.jsonl', tokenizerSha256: '0'.repeat(64) };
  const full = (kl('what?>') + kl('what?>s')) / 2;

  it('gives the divergence itself where all tokens are listed', () => {
    expectGraded(
      grade(of('teacher-kl/1', { ...params, maximum: full + 1 }), prompt, teacherOf(256)),
      full,
      1,
      2,
    );
  });
  it('gives the divergence of the listed tokens and the rest as one outcome', () => {
    const expected = published(8).reduce((sum, { position, tokens }) => {
      const text = 'what?>s'.slice(0, position + 1);
      const [p, q] = [probabilities(text, BASE), probabilities(text, TREATED)];
      const parts = tokens.map((token) => [p[token], q[token]] as [number, number]);
      const rest = parts.reduce(([a, b], [x, y]) => [a - x, b - y], [1, 1] as [number, number]);
      return sum + [...parts, rest].reduce((total, [x, y]) => total + x * Math.log(x / y), 0);
    }, 0);
    expect(expected / 2).toBeLessThan(full);
    expectGraded(
      grade(of('teacher-kl/1', { ...params, maximum: 0 }), prompt, teacherOf(8)),
      expected / 2,
      0,
      2,
    );
  });
  it('compares first choices', () => {
    const agree = ['what?>', 'what?>s'].filter((text) => {
      const best = (seed: number) => {
        const p = probabilities(text, seed);
        return p.indexOf(Math.max(...p));
      };
      return best(BASE) === best(TREATED);
    }).length;
    expectGraded(
      grade(of('teacher-top1/1', params), prompt, teacherOf(3)),
      agree / 2,
      agree === 2 ? 1 : 0,
      2,
    );
  });
  it('has no score for a prompt of which nothing was published, or past its end', () => {
    expect(grade(of('teacher-top1/1', params), { ...prompt, id: 'q' }, teacherOf(3))).toBeNull();
    expect(grade(of('teacher-top1/1', params), { ...prompt, prompt: 'w' }, teacherOf(3))).toBeNull();
  });
  it.each([
    ['not JSON', 'x'],
    ['a token twice', { tokens: [1, 1], logProbs: [-1, -2] }],
    ['no order', { tokens: [1, 2], logProbs: [-2, -1] }],
    ['more than one', { tokens: [1, 2], logProbs: [-0.1, -0.1] }],
    ['fewer numbers than tokens', { tokens: [1, 2], logProbs: [-1] }],
  ])('is refused: %s', (_, change) => {
    const line =
      typeof change === 'string'
        ? change
        : JSON.stringify({ id: 'p', continuation: [], positions: [{ position: 0, ...change }] });
    expect(parseTeacher(line)).toMatchObject({ ok: false, reason: 'teacher-invalid' });
  });
  it('is refused: a row twice', () => {
    const line = JSON.stringify({ id: 'p', continuation: [], positions: published(2) });
    expect(parseTeacher(`${line}\n${line}`)).toMatchObject({ ok: false, reason: 'teacher-invalid' });
  });
});
