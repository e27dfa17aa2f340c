import { describe, expect, it } from 'vitest';
import { norm, type ResolvedIntervention } from '../../../protocols/artifacts/index.ts';
import { compileEdit } from '../../../services/verifier/interventions/apply.ts';
import { gaussians, randomControl } from '../../../services/verifier/interventions/control.ts';

const SEED = '00'.repeat(32);
const treated: ResolvedIntervention = {
  site: { name: 'blocks.0.hook_resid_post', layer: 0, point: 'post', stream: 1 },
  positions: 'last-prompt-token',
  edit: { kind: 'clamp', vector: Float32Array.of(3, 0, 4, 0, 0), mean: Float32Array.of(1, 2, 3, 4, 5) },
};

describe('randomControl', () => {
  it('keeps everything but the direction', () => {
    const control = randomControl(treated, SEED);
    expect(control).toMatchObject({ site: treated.site, positions: treated.positions });
    expect(control.edit).toMatchObject({ kind: 'clamp', mean: Float32Array.of(1, 2, 3, 4, 5) });
    expect(norm(control.edit.vector)).toBeCloseTo(5, 5);
    expect(control.edit.vector).not.toEqual(treated.edit.vector);
  });
  it('follows from the seed alone', () => {
    expect(randomControl(treated, SEED)).toEqual(randomControl(treated, SEED));
    expect(randomControl(treated, SEED)).not.toEqual(randomControl(treated, '01'.repeat(32)));
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

describe('compileEdit', () => {
  it('add: h + coefficient * vector', () => {
    const h = Float32Array.of(1, 1, 1);
    compileEdit({ kind: 'add', coefficient: -2, vector: Float32Array.of(1, 0, 3) })(h);
    expect([...h]).toEqual([-1, 1, -5]);
  });
  it('clamp: sets the component along the direction to that of the mean', () => {
    const h = Float32Array.of(10, 1, 1);
    compileEdit({ kind: 'clamp', vector: Float32Array.of(5, 0, 0), mean: Float32Array.of(2, 7, 7) })(h);
    expect([...h]).toEqual([2, 1, 1]);
  });
});
