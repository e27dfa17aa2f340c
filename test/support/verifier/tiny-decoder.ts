import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoderWeights, type Linear, parseModelConfig } from '../../../protocols/artifacts/index.ts';
import { type Checkpoint, openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { gaussians } from '../../../services/verifier/interventions/control.ts';
import { type Tensor, writeSafetensors } from './write-safetensors.ts';

export const TINY_SHAPE = {
  model_type: 'llama',
  vocab_size: 97,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 3,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 8,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
};

/** Random numbers that follow from a name. */
export function randomTensor(name: string, shape: readonly number[], scale = 0.3): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const seed = new TextEncoder().encode(name);
  return { shape, data: Float32Array.from(gaussians(seed, size), (x) => scale * x) };
}

/** Random weights for every tensor a family like Llama names, biases included. `salt` makes another model of the shape. */
export function randomTensors(json: unknown, salt = ''): Record<string, Tensor> {
  const parsed = parseModelConfig(json);
  if (!parsed.ok) throw new Error(parsed.detail);
  const config = parsed.value;
  const names = decoderWeights(config, () => true);
  const tensors: Record<string, Tensor> = {};
  const put = (name: string, shape: readonly number[]) => {
    tensors[name] = randomTensor(salt + name, shape);
  };
  const linear = ({ weight, bias }: Linear, output: number, input: number) => {
    put(weight, [output, input]);
    if (bias !== null) put(bias, [output]);
  };
  const { width, heads, kvHeads, headDim, mlpWidth, vocabSize } = config;
  put(names.embedding, [vocabSize, width]);
  put(names.head.weight, [vocabSize, width]);
  put(names.finalNorm.weight, [width]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = names.block(layer);
    put(block.attentionNorm.weight, [width]);
    put(block.mlpNorm.weight, [width]);
    const { projections, mlp } = block;
    if (projections.kind !== 'separate' || mlp.kind !== 'gated') throw new Error('not like Llama');
    linear(projections.query, heads * headDim, width);
    linear(projections.key, kvHeads * headDim, width);
    linear(projections.value, kvHeads * headDim, width);
    linear(block.output, width, heads * headDim);
    linear(mlp.gate, mlpWidth, width);
    linear(mlp.up, mlpWidth, width);
    linear(mlp.down, width, mlpWidth);
  }
  return tensors;
}

export interface TinyDecoder {
  readonly checkpoint: Checkpoint;
  readonly tensors: Record<string, Tensor>;
}

/** Writes a tiny random checkpoint. */
export async function tinyDecoder(directory: string, json: object, salt = ''): Promise<TinyDecoder> {
  const tensors = randomTensors(json, salt);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'config.json'), JSON.stringify(json));
  await writeFile(join(directory, 'model.safetensors'), writeSafetensors(tensors));
  return { checkpoint: await openCheckpoint(directory), tensors };
}
