import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectCheckpoint } from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 8,
  hidden_size: 4,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};
const INDEX = 'model.safetensors.index.json';

/** A safetensors file; `dataBytes` overrides what follows the header. */
function safetensors(header: object, dataBytes: number): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([prefix, json, Buffer.alloc(dataBytes)]);
}

const tensor = (begin: number) => ({ dtype: 'F16', shape: [8, 4], data_offsets: [begin, begin + 64] });
const embedding = safetensors({ 'model.embed_tokens.weight': tensor(0) }, 64);
const weightMap = (map: Record<string, string>) => JSON.stringify({ weight_map: map });

async function checkpoint(): Promise<string> {
  const folder = await freshFolder();
  await mkdir(join(folder, 'scripts'));
  const files: Record<string, string | Buffer> = {
    'config.json': JSON.stringify(CONFIG),
    'model.safetensors': safetensors(
      { 'model.embed_tokens.weight': tensor(0), 'lm_head.weight': tensor(64) },
      128,
    ),
    'tokenizer.json': JSON.stringify({ model: { type: 'BPE' } }),
    'README.md': '# card',
    'DATA.md': '# data',
    LICENSE: 'Apache-2.0',
    'scripts/train.py': 'print()',
  };
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
  return folder;
}

const signal = new AbortController().signal;

describe('inspectCheckpoint', () => {
  it('reads the facts from the files', async () => {
    expect(await inspectCheckpoint(await checkpoint(), { signal })).toMatchObject({
      ok: true,
      value: {
        modelType: 'llama',
        architecture: 'LlamaForCausalLM',
        parameters: 32, // lm_head.weight is the tied embedding
        dtype: 'F16',
        hasTokenizer: true,
        hasModelCard: true,
        hasDataDescription: true,
        hasLicence: true,
        hasScripts: true,
      },
    });
  });

  it('reads a checkpoint in several files', async () => {
    const folder = await checkpoint();
    await rm(join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'a.safetensors'), embedding);
    await writeFile(join(folder, 'b.safetensors'), safetensors({ 'model.norm.weight': tensor(0) }, 64));
    const map = { 'model.embed_tokens.weight': 'a.safetensors', 'model.norm.weight': 'b.safetensors' };
    await writeFile(join(folder, INDEX), weightMap(map));
    expect(await inspectCheckpoint(folder, { signal })).toMatchObject({
      ok: true,
      value: { parameters: 64 },
    });
  });

  type Spoil = readonly [reason: string, how: string, spoil: (folder: string) => Promise<unknown>];
  const write = (path: string, content: string | Uint8Array) => (folder: string) =>
    writeFile(join(folder, path), content);
  const remove = (path: string) => (folder: string) => rm(join(folder, path));
  const config = (change: object) => write('config.json', JSON.stringify({ ...CONFIG, ...change }));
  const weights = (header: object, dataBytes: number) =>
    write('model.safetensors', safetensors(header, dataBytes));
  const prefix = (length: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(length);
    return bytes;
  };
  const cases: readonly Spoil[] = [
    ['pickle', 'by name', write('pytorch_model.bin', 'x')],
    ['pickle', 'in a folder', write('scripts/state.pkl', 'x')],
    ['pickle', 'by its first bytes', write('weights.safetensors', Uint8Array.of(0x80, 4, 0x95, 0))],
    ['pickle', 'in a zip', write('notes.txt', 'PK\x03\x04rest')],
    [
      'symlink',
      'as the weights',
      async (folder) => {
        await rm(join(folder, 'model.safetensors'));
        await symlink('/etc/hosts', join(folder, 'model.safetensors'));
      },
    ],
    ['config-missing', 'none', remove('config.json')],
    ['config-invalid', 'not JSON', write('config.json', '{')],
    ['config-invalid', 'not UTF-8', write('config.json', Uint8Array.of(0xff, 0xfe))],
    ['config-invalid', 'a list', write('config.json', '[]')],
    ['config-invalid', 'no width', config({ hidden_size: 0 })],
    ['model-unsupported', 'another family', config({ model_type: 'mamba' })],
    ['tokenizer-missing', 'none', remove('tokenizer.json')],
    ['tokenizer-invalid', 'not JSON', write('tokenizer.json', 'x')],
    ['tokenizer-invalid', 'no model', write('tokenizer.json', '{}')],
    ['safetensors-missing', 'none', remove('model.safetensors')],
    ['safetensors-missing', 'no tensors', weights({}, 0)],
    ['safetensors-truncated', 'empty', write('model.safetensors', '')],
    ['safetensors-truncated', 'a header past the end', write('model.safetensors', prefix(5_000n))],
    [
      'safetensors-header-too-large',
      'a header of a petabyte',
      write('model.safetensors', prefix(10n ** 15n)),
    ],
    [
      'safetensors-header-invalid',
      'not JSON',
      write('model.safetensors', Buffer.concat([prefix(2n), Buffer.from('{x')])),
    ],
    ['safetensors-offsets-invalid', 'past the end', weights({ a: tensor(64) }, 64)],
    ['safetensors-truncated', 'a file cut short', weights({ a: tensor(0), b: tensor(64) }, 100)],
    [
      'safetensors-truncated',
      'a tensor of a petabyte',
      weights({ a: { dtype: 'F16', shape: [5e14], data_offsets: [0, 1e15] } }, 64),
    ],
    [
      'safetensors-size-mismatch',
      'shape and offsets differ',
      weights({ a: { ...tensor(0), shape: [8, 5] } }, 64),
    ],
    ['safetensors-not-contiguous', 'two tensors in one place', weights({ a: tensor(0), b: tensor(0) }, 64)],
    ['safetensors-not-contiguous', 'bytes of no tensor', weights({ a: tensor(0) }, 65)],
    ['weights-unlisted', 'weights beside the model', write('more.safetensors', embedding)],
    ['weights-unlisted', 'a shard of no index', write('model-00002.safetensors', embedding)],
    [
      'safetensors-shape-invalid',
      'more bytes than a number can count',
      weights({ a: { dtype: 'F16', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 64] } }, 64),
    ],
    ['safetensors-not-contiguous', 'tensors that overlap', weights({ a: tensor(0), b: tensor(32) }, 96)],
    [
      'safetensors-name-repeated',
      'a tensor twice',
      (folder) => {
        const json = JSON.stringify({ a: tensor(0), b: tensor(0) }).replace('"b"', '"a"');
        const length = prefix(BigInt(json.length));
        return writeFile(
          join(folder, 'model.safetensors'),
          Buffer.concat([length, Buffer.from(json), Buffer.alloc(64)]),
        );
      },
    ],
    ['index-invalid', 'not JSON', write(INDEX, 'x')],
    ['index-invalid', 'a path that leaves', write(INDEX, weightMap({ a: '../model.safetensors' }))],
    [
      'index-invalid',
      'a tensor it does not place',
      write(INDEX, weightMap({ 'lm_head.weight': 'model.safetensors' })),
    ],
    [
      'index-file-missing',
      'a file that is not there',
      write(INDEX, weightMap({ a: 'model-00001.safetensors' })),
    ],
    [
      'index-tensor-missing',
      'a tensor in no file',
      write(
        INDEX,
        weightMap({
          'model.embed_tokens.weight': 'model.safetensors',
          'lm_head.weight': 'model.safetensors',
          'model.norm.weight': 'model.safetensors',
        }),
      ),
    ],
  ];
  it.each(cases)('refuses: %s (%s)', async (reason, _how, spoil) => {
    const folder = await checkpoint();
    await spoil(folder);
    expect(await inspectCheckpoint(folder, { signal })).toMatchObject({ ok: false, reason });
  });

  it('looks at a model that the engine cannot run, where that is asked', async () => {
    const folder = await checkpoint();
    await config({ model_type: 'mamba' })(folder);
    expect(await inspectCheckpoint(folder, { signal, families: 'any' })).toMatchObject({
      ok: true,
      value: { modelType: 'mamba', runnable: false, parameters: 32 },
    });
  });

  it('names the model it cannot run and those it can', async () => {
    const folder = await checkpoint();
    await config({ model_type: 'mamba' })(folder);
    const refused = await inspectCheckpoint(folder, { signal });
    for (const word of ['mamba', 'llama', 'qwen2']) expect(refused.ok ? '' : refused.detail).toContain(word);
  });

  it('refuses a directory that is not there', async () => {
    const missing = join(await freshFolder(), 'missing');
    expect(await inspectCheckpoint(missing, { signal })).toMatchObject({
      ok: false,
      reason: 'not-a-directory',
    });
  });
});
