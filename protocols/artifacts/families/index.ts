import { llama } from './llama.ts';
import { qwen2 } from './qwen2.ts';

/** By `model_type` of config.json. */
export const FAMILIES = { llama, qwen2 };

export type { Family, ModelConfigRefusal } from './family.ts';
