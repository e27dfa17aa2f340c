import { describe, expect, it } from 'vitest';
import { FORMULAS } from '../../../protocols/artifacts/index.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import type { ImportSource } from '../../../services/verifier/importers/index.ts';
import { relativeError } from '../../support/verifier/demo-models.ts';
import { expectation, importFixture, logitsUnder } from '../../support/verifier/import-fixtures.ts';

const { tensors } = await expectation();
const positions = { kind: 'all' } as const;
const at = 'blocks.1.hook_resid_post';

const peft = (source: string): ImportSource => ({ kind: 'peft', source: `peft/${source}` });
const gguf = (source: string, coefficient: number): ImportSource => ({
  kind: 'gguf',
  source: `gguf/${source}.gguf`,
  coefficient,
  positions,
  layers: null,
});
const sae = (
  source: string,
  effect: Extract<ImportSource, { kind: 'saelens' }>['effect'],
  activationScale: number | null = null,
): ImportSource => ({
  kind: 'saelens',
  source: `saelens/${source}`,
  feature: 3,
  effect,
  positions,
  activationScale,
});
const neuronpedia = (source: string): ImportSource => ({
  kind: 'neuronpedia',
  source: `neuronpedia/${source}.json`,
  strength: null,
  positions,
});
const pt = (
  source: string,
  path: readonly string[] = [],
  rows: readonly number[] = [],
  effect: Extract<ImportSource, { kind: 'pt' }>['effect'] = {
    kind: 'add',
    at,
    positions,
    coefficient: 1,
    norm: 'as-stored',
  },
): ImportSource => ({ kind: 'pt', source: `pt/${source}.pt`, path, rows, effect });

const clamp = { kind: 'clamp', value: 4 } as const;
const add = { kind: 'add', strength: -2.5 } as const;

describe('an imported intervention does what the library does that saved it', () => {
  it.each<[string, string, ImportSource]>([
    ['peft/lora', 'llama', peft('lora')],
    ['peft/bf16', 'llama', peft('bf16')],
    ['peft/rslora', 'gpt2', peft('rslora')],
    ['peft/gpt2-bare', 'gpt2-bare-names', peft('gpt2-bare')],
    ['peft/bare', 'llama-bare-names', peft('bare')],
    ['gguf/repeng', 'llama', gguf('repeng', -1.5)],
    ['gguf/f16', 'llama', gguf('f16', 0.5)],
    ...['standard', 'jumprelu', 'topk', 'layer-norm', 'constant-norm', 'version-2', 'version-5'].map(
      (name) => [`saelens/${name}/clamp`, 'llama', sae(name, clamp)] as [string, string, ImportSource],
    ),
    ...['standard', 'jumprelu', 'topk', 'layer-norm', 'constant-norm'].map(
      (name) => [`saelens/${name}/add`, 'llama', sae(name, add)] as [string, string, ImportSource],
    ),
    ['neuronpedia/feature', 'llama', neuronpedia('feature')],
    ['neuronpedia/new-vector', 'llama', neuronpedia('new-vector')],
    ['neuronpedia/request', 'llama', neuronpedia('request')],
  ])('%s on %s', async (name, family, source) => {
    const expected = [...(tensors.get(name)?.data ?? [])];
    const logits = await logitsUnder(source, family);
    expect(logits).toHaveLength(expected.length);
    expect(relativeError(logits, expected)).toBeLessThan(LOGIT_TOLERANCE);
  });
});

it('another block, another sign or another scale is not the same', async () => {
  const expected = [...(tensors.get('gguf/f16')?.data ?? [])];
  expect(relativeError(await logitsUnder(gguf('f16', -0.5), 'llama'), expected)).toBeGreaterThan(0.01);
  const lora = [...(tensors.get('peft/bf16')?.data ?? [])];
  expect(relativeError(await logitsUnder(peft('lora'), 'llama'), lora)).toBeGreaterThan(0.01);
});

describe('what is said of it', () => {
  it('a control vector is one edit a layer, at the outputs of the blocks asked for', async () => {
    const source = { ...gguf('repeng', 1), layers: { from: 2, to: 9 } } as ImportSource;
    const { edits, derivation } = await importFixture(source, 'llama');
    expect(edits).toHaveLength(1);
    expect(edits[0]).toMatchObject({ kind: 'add', at: 'blocks.2.hook_resid_post', coefficient: 1 });
    expect(derivation.selection).toBe('directions 2 of 2');
  });

  it('a feature that depends on no other is taken out alone', async () => {
    const alone = await importFixture(sae('jumprelu', clamp), 'llama');
    expect(alone.edits[0]).toMatchObject({ kind: 'sae-clamp', feature: 0, formula: FORMULAS.saeClamp });
    expect(alone.derivation.selection).toBe('feature 3 of 12');
    const whole = await importFixture(sae('topk', clamp), 'llama');
    expect(whole.edits[0]).toMatchObject({ feature: 3 });
  });

  it('a scale that SAELens does not save is asked for', async () => {
    const { edits } = await importFixture(sae('average', clamp, 0.75), 'llama');
    expect(edits[0]).toMatchObject({
      scale: 'undo-normalisation',
      autoencoder: { normalisation: { kind: 'expected-average-only-in', scale: 0.75 } },
    });
  });

  it('a direction can be ablated, and weights made orthogonal to it', async () => {
    const ablate = { kind: 'ablate', at: 'everywhere', positions } as const;
    const { edits } = await importFixture(pt('view', [], [], ablate), 'llama');
    expect(edits[0]).toMatchObject({ kind: 'ablate', at: 'everywhere' });
    const orthogonalise = { kind: 'orthogonalise', tiedUnembedding: 'unchanged' } as const;
    const other = await importFixture(pt('plain', [], [], orthogonalise), 'llama');
    expect(other.edits[0]).toMatchObject({ kind: 'orthogonalise', weights: 'writers' });
  });
});

describe('refused', () => {
  const orthogonal = { kind: 'orthogonalise', tiedUnembedding: 'unchanged' } as const;
  it.each<[string, ImportSource]>([
    ['adapter-unsupported', peft('refused/dora')],
    ['adapter-unsupported', peft('refused/bias')],
    ['adapter-unsupported', peft('refused/lora-bias')],
    ['adapter-unsupported', peft('refused/modules-to-save')],
    ['adapter-unsupported', peft('refused/pissa')],
    ['adapter-config-invalid', peft('refused/ia3')],
    ['tensor-unknown', peft('refused/embedding')],
    // GPT-2's adapter on Llama
    ['weight-unknown', peft('rslora')],
    ['file-unreadable', peft('refused')],
    ['gguf-direction-invalid', gguf('layer-zero', 1)],
    ['gguf-direction-invalid', gguf('matrix', 1)],
    ['gguf-not-control-vector', gguf('model', 1)],
    ['gguf-type-unsupported', gguf('integers', 1)],
    ['gguf-direction-invalid', { ...gguf('repeng', 1), layers: { from: 5, to: 6 } } as ImportSource],
    ['sae-unsupported', sae('gated', clamp)],
    ['sae-unsupported', sae('rescaled', clamp)],
    ['sae-activation-scale-missing', sae('average', clamp)],
    ['feature-out-of-range', { ...sae('standard', clamp), feature: 12 } as ImportSource],
    ['neuronpedia-method-unsupported', neuronpedia('orthogonal')],
    ['neuronpedia-invalid', neuronpedia('no-vector')],
    ['hook-unsupported', neuronpedia('other-hook')],
    ['torch-legacy', pt('legacy')],
    ['torch-script', pt('script')],
    ['torch-dtype-unsupported', pt('integers')],
    ['pickle-global-refused', pt('complex')],
    ['pickle-global-refused', pt('conjugate')],
    ['pickle-global-refused', pt('sparse')],
    ['pickle-global-refused', pt('float8')],
    ['pickle-global-refused', pt('numpy')],
    ['pickle-global-refused', pt('module')],
    ['pickle-global-refused', pt('runs')],
    ['pickle-opcode-refused', pt('protocol-4')],
    ['torch-tensor-missing', pt('nested')],
    ['torch-tensor-missing', pt('nested', ['directions', '14'])],
    ['torch-tensor-missing', pt('nested', ['directions', '13'], [4])],
    ['width-mismatch', pt('empty')],
    ['width-mismatch', pt('nested', ['directions', '13'], [], orthogonal)],
    ['layer-out-of-range', pt('plain', [], [], { kind: 'ablate', at: 'blocks.3.mlp_out', positions })],
  ])('%s: %j', async (reason, source) => {
    await expect(importFixture(source, 'llama')).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason },
    });
  });
});
