import type { Family } from './family.ts';
import { llamaWeights, readLlamaLike } from './llama-like.ts';
import { qwenWindows } from './windows.ts';

/** Qwen2 and 2.5: always a bias on query, key and value, never elsewhere. */
export const qwen2: Family = {
  architectures: ['Qwen2ForCausalLM', 'Qwen2Model'],
  only: {},
  read: (json) => {
    const windows = qwenWindows(json);
    if (!windows.ok) return windows;
    return readLlamaLike(json, {
      modelType: 'qwen2',
      biases: { queryKeyValue: true, output: false, mlp: false },
      tied: false,
      windows: windows.value,
    });
  },
  weights: llamaWeights,
};
