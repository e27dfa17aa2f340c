import { FORMULAS, type SafetensorsHeader, type TensorEntry } from '../../../../protocols/artifacts/index.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { type Draft, type ImportRefusal, type NewTensor, refTo } from '../draft.ts';
import { tensorOfFile } from '../file-tensor.ts';
import { parseAdapterConfig } from './adapter-config.ts';

export interface AdapterFiles {
  /** Parsed adapter_config.json. */
  readonly config: unknown;
  /** adapter_model.safetensors. */
  readonly path: string;
  readonly header: SafetensorsHeader;
}

type LoraModule = Extract<Draft['edits'][number], { kind: 'lora' }>['modules'][number];

/** `base_model.model.` before the path of a module in the model that was trained. */
const TENSOR = /^base_model\.model\.(.{1,200})\.lora_([AB])\.(?:default\.)?weight$/;
/** What a model class puts before the blocks, and a checkpoint may leave out. */
const PREFIXES = ['model.', 'transformer.', 'gpt_neox.'];

/**
 * LoRA as PEFT saves it: for each module lora_A [rank, inputs] and lora_B [outputs, rank].
 * Source: huggingface/peft docs/source/developer_guides/checkpoint.md. @param weights names of the model's linear weights
 */
export function draftAdapter(
  { config: json, path, header }: AdapterFiles,
  weights: ReadonlySet<string>,
): Result<Draft, ImportRefusal> {
  const config = parseAdapterConfig(json);
  if (!config.ok) return config;
  const pairs = pairTensors(header);
  if (!pairs.ok) return pairs;
  const modules: LoraModule[] = [];
  const tensors: NewTensor[] = [];
  for (const [module, { A, B }] of pairs.value) {
    const weight = weightOf(module, weights);
    if (weight === null) return refuse('weight-unknown', `${module} is no linear layer of the model`);
    if (modules.some((earlier) => earlier.weight === weight))
      return refuse('weight-unknown', `${module} is a second name of ${weight}`);
    const rank = config.value.rankOf(module);
    if (A?.shape[0] !== rank || B === undefined)
      return refuse(
        'adapter-rank-mismatch',
        `${module}: rank ${rank}, lora_A [${A?.shape}], lora_B [${B?.shape}]`,
      );
    const [a, b] = [tensorOfFile(`${weight}.a`, path, A), tensorOfFile(`${weight}.b`, path, B)];
    if (a === null || b === null) return refuse('dtype-unsupported', `${module}: ${A.dtype}, ${B.dtype}`);
    tensors.push(a, b);
    modules.push({ weight, a: refTo(a.name), b: refTo(b.name), rank, alpha: config.value.alphaOf(module) });
  }
  if (modules.length === 0) return refuse('tensor-missing', 'an adapter of no module');
  return accept({
    edits: [{ kind: 'lora', formula: FORMULAS.lora, scale: config.value.scale, modules }],
    tensors,
    method: `LoRA adapter saved by PEFT, ${config.value.scale}`,
    selection: `${modules.length} modules, all that the adapter has`,
  });
}

type Pair = Partial<Record<'A' | 'B', TensorEntry>>;

function pairTensors(header: SafetensorsHeader): Result<ReadonlyMap<string, Pair>, 'tensor-unknown'> {
  const pairs = new Map<string, Pair>();
  for (const [name, entry] of header.tensors) {
    const [, module, side] = TENSOR.exec(name) ?? [];
    if (module === undefined || (side !== 'A' && side !== 'B')) return refuse('tensor-unknown', name);
    const pair = pairs.get(module) ?? {};
    if (pair[side] !== undefined) return refuse('tensor-unknown', `${name} twice`);
    pairs.set(module, { ...pair, [side]: entry });
  }
  return accept(pairs);
}

/** The checkpoint's name for a module's weight, with or without the model class's prefix. */
function weightOf(module: string, weights: ReadonlySet<string>): string | null {
  const name = `${module}.weight`;
  const shorter = PREFIXES.filter((prefix) => name.startsWith(prefix)).map((prefix) =>
    name.slice(prefix.length),
  );
  const longer = PREFIXES.map((prefix) => prefix + name);
  return [name, ...shorter, ...longer].find((candidate) => weights.has(candidate)) ?? null;
}
