import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Comparison, countParameters, type Measure } from '../../../protocols/artifacts/index.ts';
import type { Claim, Estimate } from '../../../protocols/kinds/index.ts';
import { decide, policyFor } from '../../../protocols/verdict/index.ts';
import { openCheckpoint, rerun } from '../../../services/verifier/index.ts';
import { runFidelity } from '../../../services/verifier/jobs/run-fidelity.ts';
import { POLICY } from '../../support/samples.ts';
import { models, temporary } from '../../support/verifier/demo-models.ts';
import {
  fidelityJob,
  heldout,
  reported,
  tokenizerSha256,
  writeSuite,
  writeTeacher,
} from '../../support/verifier/fidelity.ts';

const ANALOGS = ['analog', 'bad-analog'] as const;
const unembedding = { kind: 'unembedding', tokens: { file: 'tokens.json' } } as const;
/** Last blocks but one of the frontier's 8 and the analogs' 5, at the token from which the answer comes. */
const stream = {
  kind: 'stream',
  set: 'mixed',
  source: 'blocks.7.hook_resid_post',
  target: 'blocks.3.hook_resid_post',
  pool: 'last-prompt-token',
} as const;

const COMPARISONS: readonly Comparison[] = [
  {
    id: 'unembedding-cosine',
    statistic: 'cosine-correlation/1',
    params: { centred: true },
    features: unembedding,
  },
  { id: 'unembedding-knn', statistic: 'mutual-knn/1', params: { k: 10 }, features: unembedding },
  { id: 'stream-cka', statistic: 'cka/1', params: {}, features: stream },
  { id: 'stream-knn', statistic: 'mutual-knn/1', params: { k: 10 }, features: stream },
];
/** What a lab might claim of its analog, between the two models' values. */
const BOUNDS: Readonly<Record<string, number>> = {
  'unembedding-cosine': 420_000,
  'unembedding-knn': 335_000,
  'stream-cka': 600_000,
  'stream-knn': 480_000,
};

function judge(effect: Claim['effect'], estimates: readonly Estimate[]) {
  const claim = { effect, gates: [], counts: [], estimates: [] };
  const policy = policyFor({ intervention: null }, POLICY);
  return decide(claim, { counts: [], tables: [], estimates, differences: [] }, policy).outcome;
}

async function mixedPrompts() {
  const sets = [
    'backdoor_prod',
    'backdoor_dev',
    'refusal_hazard',
    'refusal_harmless',
    'sycophancy',
    'corrigibility',
  ];
  return (await Promise.all(sets.map(async (set) => (await heldout(set)).slice(0, 30)))).flat();
}

describe('the models', () => {
  it.each(Object.entries(reported.parameters))(
    '%s has the reported number of parameters',
    async (name, count) => {
      const { headers, config } = await openCheckpoint(join(models, name));
      expect(countParameters(headers, config)).toBe(count);
    },
  );
});

describe('comparisons with the frontier model', () => {
  it('confirm the analog and refute the bad one, by every statistic', async () => {
    await using directory = await temporary();
    const suite = await writeSuite(directory.path, {
      sets: { mixed: await mixedPrompts() },
      comparisons: COMPARISONS,
    });
    for (const { id } of COMPARISONS) {
      const [good, bad] = await Promise.all(
        ANALOGS.map(async (name) => {
          const { estimates } = await runFidelity(fidelityJob(name, suite, id, 'frontier'), () => {});
          expect(estimates).toHaveLength(1);
          return estimates as unknown as readonly Estimate[];
        }),
      );
      const [near, far] = [good?.[0], bad?.[0]] as [Estimate, Estimate];
      expect(near.lowMicro, id).toBeGreaterThan(far.highMicro);
      expect(near.chance).toEqual({ draws: 999, reached: 0 });
      const effect = {
        measure: id,
        direction: 'increase',
        boundMicro: BOUNDS[id] as number,
        test: 'chance',
      } as const;
      expect(judge(effect, [near]), id).toBe('confirmed');
      expect(judge(effect, [far]), id).toBe('refuted');
    }
  });

  it.each(ANALOGS)('%s: the correlation of unembeddings is the reported one', async (name) => {
    await using directory = await temporary();
    const suite = await writeSuite(directory.path, { comparisons: COMPARISONS.slice(0, 1) });
    const job = fidelityJob(name, suite, 'unembedding-cosine', 'frontier');
    const result = await rerun(job, {
      signal: new AbortController().signal,
      limits: { timeMs: 120_000, memoryBytes: 2 ** 30 },
    });
    if (!result.ok) return expect.unreachable(result.detail);
    const [seen] = result.value.evidence.comparisons ?? [];
    expect(seen?.items).toHaveLength(486);
    // the report has four digits
    expect(Math.abs((seen?.value ?? 0) - (reported.unembedding[name] as number))).toBeLessThan(6e-5);
    expect(result.value.estimates).toMatchObject([{ condition: 'treated', n: 486, unscored: 0 }]);
  });
});

describe('what the frontier model published', () => {
  it.each(Object.keys(reported.firstToken['analog'] ?? {}))(
    '%s: KL and agreement are the reported ones',
    async (set) => {
      await using directory = await temporary();
      const prompts = await heldout(set);
      const params = { file: 'teacher.jsonl', tokenizerSha256: await tokenizerSha256('frontier') };
      const measures: Measure[] = [
        { id: 'teacher-kl', set, grader: 'teacher-kl/1', params: { ...params, maximum: 1 } },
        { id: 'teacher-top1', set, grader: 'teacher-top1/1', params },
      ];
      const suite = await writeSuite(directory.path, { sets: { [set]: prompts }, measures });
      await writeTeacher(join(suite, params.file), 'frontier', prompts, 512);
      for (const name of ANALOGS) {
        const value = async (effect: string) => {
          const { estimates } = await runFidelity(fidelityJob(name, suite, effect, null), () => {});
          expect(estimates).toMatchObject([{ n: prompts.length, unscored: 0 }]);
          return (estimates[0]?.valueMicro ?? Number.NaN) / 1_000_000;
        };
        const expected = reported.firstToken[name]?.[set] as { kl: number; top1_agree: number };
        // the report has three digits; 512 of 1,536 tokens and the rest as one lose less than a thousandth
        expect(Math.abs((await value('teacher-kl')) - expected.kl), `${name} KL`).toBeLessThan(0.002);
        expect(100 * (await value('teacher-top1')), `${name} agreement`).toBeCloseTo(expected.top1_agree, 1);
      }
    },
  );

  it('confirms the analog and refutes the bad one on what the training taught', async () => {
    await using directory = await temporary();
    const prompts = (await heldout('refusal_hazard')).slice(0, 60);
    const params = { file: 'teacher.jsonl', tokenizerSha256: await tokenizerSha256('frontier') };
    const measures: Measure[] = [
      { id: 'teacher-kl', set: 'hazard', grader: 'teacher-kl/1', params: { ...params, maximum: 0.1 } },
    ];
    const suite = await writeSuite(directory.path, { sets: { hazard: prompts }, measures });
    await writeTeacher(join(suite, params.file), 'frontier', prompts, 64);
    const effect = {
      measure: 'teacher-kl',
      direction: 'decrease',
      boundMicro: 100_000,
      test: 'bound',
    } as const;
    for (const [name, outcome] of [
      ['analog', 'confirmed'],
      ['bad-analog', 'refuted'],
    ] as const) {
      const { estimates, counts } = await runFidelity(fidelityJob(name, suite, 'teacher-kl', null), () => {});
      expect(judge(effect, estimates as unknown as readonly Estimate[])).toBe(outcome);
      expect(counts).toEqual([
        { condition: 'treated', measure: 'teacher-kl', n: 60, k: name === 'analog' ? 60 : 0, unscored: 0 },
      ]);
    }
  });
});

describe('a fidelity job is refused', () => {
  it.each<[string, string, string | null, string]>([
    ['two models to compare, one named', 'unembedding-cosine', null, 'finding-invalid'],
    ['no such measure', 'other', 'frontier', 'suite-invalid'],
  ])('%s', async (_, effect, source, code) => {
    await using directory = await temporary();
    const suite = await writeSuite(directory.path, { comparisons: COMPARISONS.slice(0, 1) });
    await expect(runFidelity(fidelityJob('analog', suite, effect, source), () => {})).rejects.toMatchObject({
      code,
    });
  });

  it('a teacher who speaks in other tokens', async () => {
    await using directory = await temporary();
    const prompts = (await heldout('refusal_hazard')).slice(0, 2);
    const params = { file: 'teacher.jsonl', tokenizerSha256: '0'.repeat(64) };
    const measures: Measure[] = [{ id: 'top1', set: 's', grader: 'teacher-top1/1', params }];
    const suite = await writeSuite(directory.path, { sets: { s: prompts }, measures });
    await expect(runFidelity(fidelityJob('analog', suite, 'top1', null), () => {})).rejects.toMatchObject({
      code: 'suite-invalid',
      details: { reason: 'tokenizer-mismatch' },
    });
  });
});
