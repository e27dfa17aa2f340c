import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGguf } from '../../../services/verifier/importers/gguf/gguf-file.ts';
import { type ImportSource, importIntervention } from '../../../services/verifier/importers/index.ts';
import { draftSteering } from '../../../services/verifier/importers/neuronpedia-json.ts';
import { parseAdapterConfig } from '../../../services/verifier/importers/peft/adapter-config.ts';
import { pointOfHook } from '../../../services/verifier/importers/point-of-hook.ts';
import { parseSaeConfig } from '../../../services/verifier/importers/saelens/sae-config.ts';
import { columnOfFile, rowOfFile } from '../../../services/verifier/importers/saelens/slices.ts';
import { contentCid } from '../../support/samples.ts';
import { temporary } from '../../support/verifier/demo-models.ts';
import { familyCheckpoint } from '../../support/verifier/family-fixtures.ts';
import { importFixtures } from '../../support/verifier/import-fixtures.ts';

const json = async (...path: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(importFixtures, ...path), 'utf8'));

describe('adapter_config.json', async () => {
  const config = await json('peft', 'lora', 'adapter_config.json');

  it('ranks and scales by module, the first pattern that fits', () => {
    const parsed = parseAdapterConfig({
      ...config,
      rank_pattern: { '^q_proj': 3, q_proj: 2, 'layers\\.1\\.mlp.up_proj': 8 },
    });
    const rank = parsed.ok ? parsed.value.rankOf : () => 0;
    expect(rank('model.layers.0.self_attn.q_proj')).toBe(2);
    expect(rank('q_proj')).toBe(3);
    // from a dot on, not from the middle of a name
    expect(rank('model.layers.0.self_attn.my_q_proj')).toBe(4);
    expect(rank('model.layers.1.mlp.up_proj')).toBe(8);
    expect(rank('model.layers.11.mlp.up_proj')).toBe(4);
  });

  it.each<[string, Record<string, unknown>]>([
    ['adapter-unsupported', { rank_pattern: { '.*': 4 } }],
    ['adapter-unsupported', { alpha_pattern: { 'layers.(0|1).q_proj': 4 } }],
    ['adapter-unsupported', { use_dora: true }],
    ['adapter-unsupported', { bias: 'all' }],
    ['adapter-unsupported', { modules_to_save: ['lm_head'] }],
    ['adapter-unsupported', { trainable_token_indices: [1] }],
    ['adapter-unsupported', { layer_replication: [[0, 2]] }],
    ['adapter-unsupported', { target_parameters: ['experts.weight'] }],
    ['adapter-unsupported', { alora_invocation_tokens: [1, 2] }],
    ['adapter-unsupported', { loftq_config: { loftq_bits: 4 } }],
    ['adapter-unsupported', { init_lora_weights: 'olora' }],
    ['adapter-unsupported', { init_lora_weights: 'pissa_niter_4' }],
    ['adapter-unsupported', { a_field_of_tomorrow: 'yes' }],
    ['adapter-unsupported', { peft_type: 'LOHA' }],
    ['adapter-config-invalid', { r: 0 }],
    ['adapter-config-invalid', { lora_alpha: 'x' }],
  ])('%s: %j', (reason, change) => {
    expect(parseAdapterConfig({ ...config, ...change })).toMatchObject({ ok: false, reason });
  });
});

describe('GGUF', async () => {
  const bytes = new Uint8Array(await readFile(join(importFixtures, 'gguf', 'repeng.gguf')));
  const edited = (at: number, ...values: readonly number[]): Uint8Array => {
    const copy = bytes.slice();
    copy.set(values, at);
    return copy;
  };
  const find = (text: string) => Buffer.from(bytes).indexOf(text);
  const second = find('direction.2');
  const pastInfo = second + 'direction.2'.length;

  it('is read as it was written', () => {
    const file = readGguf(bytes);
    expect(file.ok && [...file.value.tensors.keys()]).toEqual(['direction.1', 'direction.2']);
    expect(file.ok && file.value.metadata.get('controlvector.layer_count')).toBe(2);
  });

  it.each<[string, string, Uint8Array]>([
    ['gguf-invalid', 'another magic', edited(0, 0x67)],
    ['gguf-version-unsupported', 'version 1', edited(4, 1)],
    ['gguf-version-unsupported', 'big-endian', edited(4, 0, 0, 0, 3)],
    ['gguf-invalid', 'too many tensors', edited(8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['gguf-truncated', 'cut', bytes.subarray(0, bytes.length - 33)],
    ['gguf-truncated', 'cut in the header', bytes.subarray(0, 40)],
    ['gguf-offsets-invalid', 'bytes behind', new Uint8Array([...bytes, ...new Uint8Array(32)])],
    ['gguf-name-repeated', 'a tensor twice', edited(second + 'direction.'.length, 0x31)],
    ['gguf-invalid', 'five dimensions', edited(pastInfo, 5)],
    ['gguf-invalid', 'an extent of 0', edited(pastInfo + 4, 0)],
    ['gguf-type-unsupported', 'quantised', edited(pastInfo + 12, 8)],
    ['gguf-offsets-invalid', 'over the first', edited(pastInfo + 16, 0)],
  ])('%s: %s', (reason, _name, spoiled) => {
    expect(readGguf(spoiled)).toMatchObject({ ok: false, reason });
  });
});

describe('cfg.json', async () => {
  const config = await json('saelens', 'standard', 'cfg.json');

  it.each<[string, Record<string, unknown>]>([
    ['hook-unsupported', { metadata: { hook_name: 'blocks.1.attn.hook_z' } }],
    ['hook-unsupported', { metadata: {} }],
    ['sae-unsupported', { architecture: 'batchtopk' }],
    ['sae-unsupported', { architecture: 'transcoder' }],
    ['sae-unsupported', { architecture: 'topk' }],
    ['sae-unsupported', { activation_fn: 'tanh-relu' }],
    ['sae-unsupported', { reshape_activations: 'hook_z' }],
    ['sae-unsupported', { finetuning_scaling_factor: true }],
    ['sae-unsupported', { hook_head_index: 0 }],
    ['sae-unsupported', { normalize_activations: 'covariance_whitening' }],
    ['sae-config-invalid', { d_in: 0 }],
  ])('%s: %j', (reason, change) => {
    expect(parseSaeConfig({ ...config, ...change }, null)).toMatchObject({ ok: false, reason });
  });

  it('top-k under both names', () => {
    const old = { activation_fn_str: 'topk', activation_fn_kwargs: { k: 5 } };
    for (const change of [old, { architecture: 'topk', k: 5 }])
      expect(parseSaeConfig({ ...config, ...change }, null)).toMatchObject({
        value: { activation: { kind: 'top-k', k: 5 } },
      });
  });
});

describe('JSON of Neuronpedia', () => {
  const choice = { strength: null, positions: { kind: 'all' } } as const;
  const feature = { vector: [1, 2], hookName: 'blocks.1.hook_resid_pre' };

  it.each<[string, unknown]>([
    ['neuronpedia-invalid', []],
    ['neuronpedia-invalid', { ...feature, vector: [1, 'x'] }],
    ['neuronpedia-invalid', { ...feature, vector: new Array(24_577).fill(0) }],
    ['strength-missing', feature],
    ['neuronpedia-method-unsupported', { ...feature, strength: 1, strength_multiplier: 2 }],
    ['neuronpedia-method-unsupported', { ...feature, strength: 1, normalize_steering: true }],
    ['neuronpedia-method-unsupported', { ...feature, strength: 1, steer_method: 'PROJECTION_CAP' }],
    ['hook-unsupported', { vector: [1], strength: 1 }],
    ['hook-unsupported', { vector: [1], strength: 1, layerNumber: 3, hookType: '__proto__' }],
  ])('%s', (reason, value) => {
    expect(draftSteering(value, choice)).toMatchObject({ ok: false, reason });
  });

  it('a strength given comes before that of the file', () => {
    const draft = draftSteering({ ...feature, vectorDefaultSteerStrength: 10 }, { ...choice, strength: 3 });
    expect(draft).toMatchObject({ value: { edits: [{ coefficient: 3 }] } });
  });
});

it('hooks by the names of TransformerLens', () => {
  expect(pointOfHook('blocks.7.hook_mlp_out')).toBe('blocks.7.mlp_out');
  expect(pointOfHook('blocks.0.hook_attn_out')).toBe('blocks.0.attn_out');
  expect(pointOfHook('blocks.12.hook_resid_post')).toBe('blocks.12.hook_resid_post');
  for (const hook of [
    'blocks.07.hook_mlp_out',
    'blocks.1.hook_resid_mid',
    'blocks.1.constructor',
    'hook_embed',
  ])
    expect(pointOfHook(hook)).toBeNull();
});

it('rows and columns of a matrix larger than what is read at once', async () => {
  const [rows, columns] = [700, 1_001];
  await using folder = await temporary();
  const path = join(folder.path, 'matrix');
  // an odd beginning and 2-byte numbers: pieces end anywhere in a row
  const values = Uint16Array.from({ length: rows * columns }, (_, i) => i % 65_521);
  await writeFile(path, new Uint8Array([7, ...new Uint8Array(values.buffer)]));
  const entry = {
    dtype: 'F16',
    shape: [rows, columns],
    fileOffset: 1,
    byteLength: values.byteLength,
  } as const;
  const read = async (tensor: ReturnType<typeof rowOfFile>) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of tensor?.read() ?? []) pieces.push(piece);
    return new Uint16Array(Uint8Array.from(Buffer.concat(pieces)).buffer);
  };
  for (const column of [0, 500, 1_000]) {
    const expected = Array.from({ length: rows }, (_, row) => values[row * columns + column]);
    expect([...(await read(columnOfFile('c', path, entry, column)))]).toEqual(expected);
  }
  const row = await read(rowOfFile('r', path, entry, 699));
  expect(row).toEqual(values.slice(699 * columns));
});

describe('a source that cannot be', () => {
  const request = { kind: 'gguf', coefficient: 1, positions: { kind: 'all' }, layers: null } as const;

  it.each<[string, string, (folder: string) => Promise<unknown>]>([
    ['file-unsuitable', 'a directory', (path) => mkdir(path)],
    ['file-too-large', 'too large', (path) => writeFile(path, '').then(() => truncate(path, 2 ** 28 + 1))],
    ['gguf-truncated', 'empty', (path) => writeFile(path, '')],
  ])('%s: %s', async (reason, _name, make) => {
    await using folder = await temporary();
    const source = join(folder.path, 'source');
    await make(source);
    await expect(importTo(folder.path, { ...request, source })).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason },
    });
  });

  it('weights in a pickle are not opened', async () => {
    await using folder = await temporary();
    const source = join(folder.path, 'adapter');
    await mkdir(source);
    await writeFile(
      join(source, 'adapter_config.json'),
      JSON.stringify(await json('peft', 'lora', 'adapter_config.json')),
    );
    await writeFile(join(source, 'adapter_model.bin'), '');
    await expect(importTo(folder.path, { kind: 'peft', source })).rejects.toMatchObject({
      details: { reason: 'not-safetensors' },
    });
  });

  it('nothing is left when it is interrupted', async () => {
    await using folder = await temporary();
    const source = join(importFixtures, 'gguf', 'repeng.gguf');
    const stopped = importTo(folder.path, { ...request, source }, AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

function importTo(folder: string, source: ImportSource, signal = new AbortController().signal) {
  const target = { model: familyCheckpoint('llama'), base: contentCid('a model'), dataset: null };
  return importIntervention(source, target, join(folder, 'out'), { signal });
}
