import type { ModelConfig, ModelType } from '../../../../protocols/artifacts/index.ts';
import type { Architecture } from './architecture.ts';
import { llama } from './llama.ts';
import { qwen2 } from './qwen2.ts';

const FAMILIES: Readonly<Record<ModelType, (config: ModelConfig) => Architecture>> = { llama, qwen2 };

export function architectureOf(config: ModelConfig): Architecture {
  return FAMILIES[config.modelType](config);
}

export type { Architecture, BlockNames, Linear } from './architecture.ts';
