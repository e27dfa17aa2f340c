import { describe, expect, it } from 'vitest';
import { FORMULAS } from '../../../../protocols/artifacts/index.ts';
import { LOGIT_TOLERANCE } from '../../../../services/verifier/engine/tolerance.ts';
import { PUBLISHED_TOLERANCE } from '../../../../services/verifier/interventions/unembedding-map.ts';
import type { Numbers } from '../../../support/verifier/reference-decoder.ts';
import { randomTensor } from '../../../support/verifier/tiny-decoder.ts';
import {
  dot,
  freshWorld,
  length,
  logitError,
  numbers,
  PROMPT,
  plus,
  publishAndLoad,
  ref,
  reference,
  runTreated,
  SOURCE,
  stored,
} from '../../../support/verifier/treated-decoder.ts';

const V = randomTensor('source vector', [16], 2);
const AT = 'blocks.1.hook_resid_pre';

const world = await freshWorld();

/** Rows of an unembedding, [tokens][d]. */
function rows(which: 'target' | 'source', from: number, to: number): readonly Numbers[] {
  const { checkpoint, tensors } = world[which];
  const { width } = checkpoint.config;
  const table = numbers(tensors['lm_head.weight']);
  return Array.from({ length: to - from }, (_, i) => table.slice((from + i) * width, (from + i + 1) * width));
}

/**
 * v A with A itself, one column of it at a time, by modified Gram-Schmidt on S: another way than the engine's normal
 * equations.
 */
function carried(from: number, to: number): Numbers {
  const s = rows('source', from, to);
  const t = rows('target', from, to);
  const d = 16;
  const columns = Array.from({ length: d }, (_, j) => s.map((row) => row[j] as number));
  const q: Numbers[] = [];
  const r: number[][] = Array.from({ length: d }, () => Array.from({ length: d }, () => 0));
  for (let j = 0; j < d; j++) {
    let column = columns[j] as Numbers;
    for (let k = 0; k < j; k++) {
      const along = dot(q[k] as Numbers, column);
      (r[k] as number[])[j] = along;
      column = plus(column, q[k] as Numbers, -along);
    }
    const size = length(column);
    (r[j] as number[])[j] = size;
    q.push(column.map((x) => x / size));
  }
  const v = numbers(V);
  return Array.from({ length: 24 }, (_, target) => {
    const b = q.map((column) =>
      dot(
        column,
        t.map((row) => row[target] as number),
      ),
    );
    const a: number[] = Array.from({ length: d }, () => 0);
    for (let i = d - 1; i >= 0; i--) {
      const rest = a.reduce((sum, x, k) => sum + (k > i ? x * ((r[i] as number[])[k] as number) : 0), 0);
      a[i] = ((b[i] as number) - rest) / ((r[i] as number[])[i] as number);
    }
    return dot(v, a);
  });
}

const publish = (vector: Numbers, mapper: object = {}) => ({
  edits: [
    {
      kind: 'add',
      formula: FORMULAS.add,
      at: AT,
      positions: { kind: 'all' },
      coefficient: 2,
      vector: stored('v'),
      norm: 'as-stored',
      restoreNorm: false,
      mapper: {
        kind: 'unembedding-least-squares',
        source: SOURCE,
        tokens: 'all',
        ridge: 0,
        published: ref('published'),
        ...mapper,
      },
    },
  ],
  tensors: { v: V, published: { shape: [24], data: Float32Array.from(vector) } },
});

describe('least squares on the unembeddings', () => {
  it.each([
    ['all tokens', 'all', 0, 97],
    ['some tokens', { from: 10, to: 60 }, 10, 60],
  ] as const)('recomputed from the two checkpoints, over %s', async (_, tokens, from, to) => {
    const vector = carried(from, to);
    const { logits } = await runTreated(world, await publishAndLoad(world, publish(vector, { tokens })));
    const touch = (point: string, __: number, h: Numbers) => (point === AT ? plus(h, vector, 2) : h);
    expect(logitError(logits[1] ?? [], reference(world, PROMPT, { touch }))).toBeLessThan(LOGIT_TOLERANCE);
  });
  it("what is applied is the verifier's own vector, not the published one", async () => {
    const vector = carried(0, 97);
    const off = vector.map((x, i) => (i === 0 ? x + 0.5 * PUBLISHED_TOLERANCE * length(vector) : x));
    const [exact] = (await publishAndLoad(world, publish(vector))).edits;
    const [rough] = (await publishAndLoad(world, publish(off))).edits;
    expect(rough).toEqual(exact);
  });
  const refused = async (vector: Numbers, mapper: object, reason: string) =>
    expect(publishAndLoad(world, publish(vector, mapper))).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason },
    });
  it('a published vector that is another is refused', async () => {
    const vector = carried(0, 97);
    await refused(
      vector.map((x, i) => (i === 0 ? x + 2 * PUBLISHED_TOLERANCE * length(vector) : x)),
      {},
      'transfer-mismatch',
    );
    await refused(
      vector.map((x) => -x),
      {},
      'transfer-mismatch',
    );
  });
  it('a map with a ridge is another map', async () => {
    await refused(carried(0, 97), { ridge: 5 }, 'transfer-mismatch');
  });
  it('too few tokens to determine the map are refused', async () => {
    await refused(carried(0, 97), { tokens: { from: 0, to: 15 } }, 'least-squares-singular');
  });
  it('tokens that a vocabulary does not have are refused', async () => {
    await refused(carried(0, 97), { tokens: { from: 0, to: 98 } }, 'width-mismatch');
  });
});
