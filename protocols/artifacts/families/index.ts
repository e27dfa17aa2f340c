import { gemma } from './gemma.ts';
import { gemma2 } from './gemma2.ts';
import { gptNeox } from './gpt-neox.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

/** By `model_type` of config.json. */
export const FAMILIES = { gpt2, llama, mistral, qwen2, qwen3, gemma, gemma2, gpt_neox: gptNeox, phi3 };

export type { Family, ModelConfigRefusal } from './family.ts';
