import type { ModelConfig } from '../../../../protocols/artifacts/index.ts';
import { type Architecture, llamaNames } from './architecture.ts';

/** Qwen2 and 2.5: always a bias on query, key and value, never elsewhere. */
export function qwen2(config: ModelConfig): Architecture {
  return llamaNames(config, { queryKeyValue: true, output: false, mlp: false });
}
