import { describe, expect, it } from 'vitest';
import {
  norm,
  type Operation,
  type ResolvedIntervention,
  type SaeFeature,
} from '../../../protocols/artifacts/index.ts';
import { type BoundOperation, compileOperation } from '../../../services/verifier/interventions/apply.ts';
import { gaussians, randomControl } from '../../../services/verifier/interventions/control.ts';
import { edit, point } from '../../support/verifier/treatments.ts';

const SEED = '00'.repeat(32);
const CLAMP = {
  kind: 'clamp',
  vector: Float64Array.of(3, 0, 4, 0, 0),
  mean: Float64Array.of(1, 2, 3, 4, 5),
} as const;
const of = (operation: Operation): ResolvedIntervention => ({
  edits: [edit('blocks.0.hook_resid_post', { kind: 'last-prompt-token' }, operation)],
  weights: [],
  reads: [],
});
const treated = of(CLAMP);

describe('randomControl', () => {
  it('keeps everything but the direction', () => {
    const [control] = randomControl(treated, SEED).edits;
    const [original] = treated.edits;
    expect(control).toMatchObject({ point: original?.point, positions: original?.positions });
    expect(control?.operation).toMatchObject({ kind: 'clamp', mean: CLAMP.mean });
    if (control?.operation.kind !== 'clamp') throw new Error('another kind');
    expect(norm(control.operation.vector)).toBeCloseTo(5, 12);
    expect(control.operation.vector).not.toEqual(CLAMP.vector);
  });
  it('follows from the seed alone', () => {
    expect(randomControl(treated, SEED)).toEqual(randomControl(treated, SEED));
    expect(randomControl(treated, SEED)).not.toEqual(randomControl(treated, '01'.repeat(32)));
  });
});

describe('the control of what has no vector of its own', () => {
  const direction = Float64Array.of(0, 3, 0, 0, 4);
  const feature: SaeFeature = {
    feature: 0,
    activation: { kind: 'relu' },
    normalisation: { kind: 'layer-norm', epsilon: 1e-5 },
    column: Float64Array.of(1, -1, 2, 0, 0.5),
    bias: 0.25,
    inputBias: null,
    direction,
  };
  const h = [1, 2, -3, 4, 0.5];
  const step = (operation: Operation, given: Float64Array | null = null) => {
    const moved = Float32Array.from(h);
    compileOperation(operation as BoundOperation)(moved, 0, given);
    return Float64Array.from(moved, (x, i) => x - (h[i] as number));
  };
  it.each<[string, Operation]>([
    ['replace', { kind: 'replace', value: Float64Array.of(5, 5, 5, 5, 5) }],
    ['sae-add', { kind: 'sae-add', feature, strength: -3, undoNormalisation: true }],
    ['sae-clamp', { kind: 'sae-clamp', feature, value: 7, undoNormalisation: false }],
  ])("%s takes a step of the same length along the seed's direction", (_, operation) => {
    const [control] = randomControl(of(operation), SEED).edits;
    const random = step(control?.operation as Operation);
    expect(norm(random)).toBeCloseTo(norm(step(operation)), 4);
    const g = gaussians(new Uint8Array(32), 5);
    const along = random.reduce((sum, x, i) => sum + x * (g[i] as number), 0) / norm(g);
    expect(along).toBeCloseTo(norm(random), 4);
  });
  it('rows of a positional vector keep each its own length', () => {
    const rows = [Float64Array.of(3, 4, 0, 0, 0), Float64Array.of(0, 0, 1, 0, 0)];
    const [control] = randomControl(
      of({ kind: 'add', coefficient: 1, rows, restoreNorm: false }),
      SEED,
    ).edits;
    if (control?.operation.kind !== 'add') throw new Error('another kind');
    expect(control.operation.rows.map(norm).map((x) => x.toFixed(9))).toEqual(['5.000000000', '1.000000000']);
  });
  it('a probe is read along a random vector of its length', () => {
    const source = { kind: 'probe', point: point('blocks.0.attn_out'), weight: direction, bias: 2 } as const;
    const read = { id: 'p', positions: { kind: 'all' }, pool: 'last', source } as const;
    const [control] = randomControl({ edits: [], weights: [], reads: [read] }, SEED).reads;
    if (control?.source.kind !== 'probe') throw new Error('another kind');
    expect(control).toMatchObject({ id: 'p', source: { bias: 2 } });
    expect(norm(control.source.weight)).toBeCloseTo(5, 12);
    expect(control.source.weight).not.toEqual(direction);
  });
  it('weights made orthogonal to a random direction', () => {
    const edit = {
      kind: 'orthogonalise',
      weights: ['w'],
      embedding: true,
      tiedUnembedding: 'unchanged',
      vector: direction,
    } as const;
    const [control] = randomControl({ edits: [], weights: [edit], reads: [] }, SEED).weights;
    expect(control).toMatchObject({ kind: 'orthogonalise', weights: ['w'], embedding: true });
    expect(control).not.toEqual(edit);
  });
});

describe('gaussians', () => {
  // SHA-256(32 zero bytes || 8 zero bytes), first two little-endian words, through Box and Muller: made with Python.
  it('gives the numbers of its definition', () => {
    const [first, second] = gaussians(new Uint8Array(32), 2);
    expect(first).toBeCloseTo(-0.6990686041426811, 12);
    expect(second).toBeCloseTo(-0.8432456170141942, 12);
  });
  it('has mean 0 and variance 1', () => {
    const sample = gaussians(Uint8Array.of(1), 20_000);
    const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length;
    const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / sample.length;
    expect(Math.abs(mean)).toBeLessThan(0.03); // 4 standard errors
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });
});

describe('compileOperation', () => {
  const applied = (operation: BoundOperation, ...numbers: number[]) => {
    const h = Float32Array.from(numbers);
    compileOperation(operation)(h, 0, null);
    return [...h];
  };
  it('add: h + coefficient * vector', () => {
    const rows = [Float64Array.of(1, 0, 3)];
    expect(applied({ kind: 'add', coefficient: -2, rows, restoreNorm: false }, 1, 1, 1)).toEqual([-1, 1, -5]);
  });
  it('add, back to the length before', () => {
    const rows = [Float64Array.of(0, 4)];
    const [x, y] = applied({ kind: 'add', coefficient: 1, rows, restoreNorm: true }, 3, 0);
    expect(x).toBeCloseTo(9 / 5, 6);
    expect(y).toBeCloseTo(12 / 5, 6);
  });
  it('clamp: sets the component along the direction to that of the mean', () => {
    const vector = Float64Array.of(5, 0, 0);
    expect(applied({ kind: 'clamp', vector, mean: Float64Array.of(2, 7, 7) }, 10, 1, 1)).toEqual([2, 1, 1]);
  });
  it('ablate: removes the component along the direction', () => {
    expect(applied({ kind: 'ablate', vector: Float64Array.of(0, 5, 0) }, 10, 3, 1)).toEqual([10, 0, 1]);
  });
  it('displace: a step as long as the one it stands for', () => {
    const of = { kind: 'replace', value: Float64Array.of(3, 4, 0) } as const;
    const direction = Float64Array.of(0, 0, 1);
    expect(applied({ kind: 'displace', of, direction }, 0, 0, 1)).toEqual(
      [0, 0, 1 + Math.sqrt(26)].map(Math.fround),
    );
  });
});
