import { join } from 'node:path';
import { expect, it } from 'vitest';
import { evidenceSchema } from '../../../protocols/artifacts/index.ts';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { checkBody, findingBody } from '../../../protocols/kinds/index.ts';
import { decide, policyFor } from '../../../protocols/verdict/index.ts';
import { rerunFinding } from '../../../services/node/rerun-finding.ts';
import { POLICY, findingBody as sample } from '../../support/samples.ts';
import { models, temporary } from '../../support/verifier/demo-models.ts';
import { writeSuite } from '../../support/verifier/fidelity.ts';

const FINDING = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy' as MessageId;

/** A lab's claim of its analog: its unembeddings lie as the frontier model's do. */
const body = findingBody.parse({
  ...sample('finding'),
  intervention: null,
  claim: {
    effect: { measure: 'unembedding-cosine', direction: 'increase', boundMicro: 420_000, test: 'chance' },
    gates: [],
    counts: [],
    estimates: [
      {
        condition: 'treated',
        measure: 'unembedding-cosine',
        n: 486,
        unscored: 0,
        valueMicro: 497_300,
        lowMicro: 467_000,
        highMicro: 527_000,
      },
    ],
  },
});

it.each([
  ['analog', 'confirmed', ['effect-reproduced', 'beats-chance']],
  ['bad-analog', 'refuted', ['effect-not-reproduced', 'beats-chance', 'claimed-values-differ']],
])('a finding about the fidelity of %s is %s', async (analog, outcome, reasons) => {
  await using directory = await temporary();
  const suite = await writeSuite(directory.path, {
    comparisons: [
      {
        id: 'unembedding-cosine',
        statistic: 'cosine-correlation/1',
        params: { centred: true },
        features: { kind: 'unembedding', tokens: { file: 'tokens.json' } },
      },
    ],
  });
  const source = join(models, 'frontier');
  const folders = { target: join(models, analog), intervention: null, suite, source, sources: {} };
  const limits = {
    threads: 1,
    timeLimitMs: 120_000,
    memoryLimitBytes: 2 ** 30,
    fetchLimitBytes: 2 ** 30,
  };
  const judged = await rerunFinding(
    { finding: FINDING, body, folders, policy: POLICY, limits } as Parameters<typeof rerunFinding>[0],
    { signal: new AbortController().signal },
  );
  if (!judged.ok) return expect.unreachable(judged.detail);
  const { verdict, evidence } = judged.value;
  expect(verdict).toMatchObject({ outcome, rule: 'decision/2', controlSeeds: [], counts: [] });
  expect(verdict.reasons.map(({ code }) => code)).toEqual(reasons);
  // what goes out is a body that every node takes and derives the outcome from
  expect(checkBody('verdict/1', verdict as never)).toBeNull();
  expect(decide(body.claim, verdict, policyFor(body, POLICY)).outcome).toBe(outcome);
  expect(evidenceSchema.parse(evidence).comparisons).toHaveLength(1);
});
