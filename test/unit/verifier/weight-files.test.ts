import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { temporary } from '../../support/verifier/demo-models.ts';
import { familyCheckpoint } from '../../support/verifier/family-fixtures.ts';
import { writeSafetensors } from '../../support/verifier/write-safetensors.ts';

const INDEX = 'model.safetensors.index.json';

/** A copy of a checkpoint, changed by `change`. */
async function changed(name: string, change: (folder: string) => Promise<unknown>) {
  const copy = await temporary();
  await cp(familyCheckpoint(name), copy.path, { recursive: true });
  await change(copy.path);
  return copy;
}

/** A vendor's own file of the same weights, under names of its own or the same. */
const vendors = (folder: string, name: string) =>
  writeFile(
    join(folder, 'consolidated.safetensors'),
    writeSafetensors({ [name]: { shape: [1], data: Float32Array.of(1) } }),
  );

describe('the files of a checkpoint', () => {
  it.each(['llama', 'llama-3-rope'])('what lies beside those of %s is not read', async (name) => {
    const { tensors } = await openCheckpoint(familyCheckpoint(name));
    await using copy = await changed(name, (folder) => vendors(folder, 'model.norm.weight'));
    expect((await openCheckpoint(copy.path)).tensors).toEqual(tensors);
  });
  it('shards without an index are all read, and may not repeat a name', async () => {
    await using whole = await changed('llama-3-rope', (folder) => rm(join(folder, INDEX)));
    expect((await openCheckpoint(whole.path)).tensors.size).toBe(29);
    await using twice = await changed('llama-3-rope', async (folder) => {
      await rm(join(folder, INDEX));
      await vendors(folder, 'model.norm.weight');
    });
    await expect(openCheckpoint(twice.path)).rejects.toMatchObject({
      code: 'checkpoint-invalid',
      details: { reason: 'tensor-repeated' },
    });
  });
  it.each<[string, (folder: string) => Promise<unknown>, string]>([
    [
      'a shard that is missing',
      (folder) => rm(join(folder, 'model-00002-of-00002.safetensors')),
      'weights-missing',
    ],
    [
      'a shard outside the directory',
      (folder) =>
        writeFile(join(folder, INDEX), JSON.stringify({ weight_map: { a: '../model.safetensors' } })),
      'weights-missing',
    ],
    ['an index of nothing', (folder) => writeFile(join(folder, INDEX), '{"weight_map":{}}'), 'index-invalid'],
    [
      'an index of numbers',
      (folder) => writeFile(join(folder, INDEX), '{"weight_map":{"a":1}}'),
      'index-invalid',
    ],
    ['an index that is no map', (folder) => writeFile(join(folder, INDEX), '[]'), 'index-invalid'],
  ])('%s is refused', async (_, change, reason) => {
    await using copy = await changed('llama-3-rope', change);
    await expect(openCheckpoint(copy.path)).rejects.toMatchObject({
      code: 'checkpoint-invalid',
      details: { reason },
    });
  });
});

describe('a checkpoint whose weights are not what config.json implies', () => {
  const config = async (folder: string, change: object) => {
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
  };
  it.each<[string, string, object, string]>([
    ['another width of the MLP', 'gpt2', { n_inner: 64 }, 'shape-mismatch'],
    ['a bias it does not have', 'llama', { attention_bias: true }, 'tensor-missing'],
    ['a head it does not have', 'qwen3', { tie_word_embeddings: false }, 'tensor-missing'],
    ['more layers', 'gpt-neox', { num_hidden_layers: 4 }, 'tensor-missing'],
    ['other heads', 'phi3', { num_key_value_heads: 4 }, 'shape-mismatch'],
  ])('%s', async (_, name, change, reason) => {
    await using copy = await changed(name, (folder) => config(folder, change));
    const checkpoint = await openCheckpoint(copy.path);
    const options = { threads: 1, prepacking: false };
    await expect(Model.load(checkpoint, { points: [] }, options)).rejects.toMatchObject({
      code: 'checkpoint-invalid',
      details: { reason },
    });
  });
});
