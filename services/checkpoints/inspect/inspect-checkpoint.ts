import { join } from 'node:path';
import type { Dtype } from '../../../protocols/artifacts/dtypes.ts';
import type { ModelConfigRefusal } from '../../../protocols/artifacts/families/index.ts';
import { parseModelConfig } from '../../../protocols/artifacts/model-config.ts';
import { countParameters } from '../../../protocols/artifacts/parameters.ts';
import { elementCount, type SafetensorsHeader } from '../../../protocols/artifacts/safetensors.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { type Folder, listDirectory } from '../directory.ts';
import type { DirectoryProblem } from '../failures.ts';
import { isPickle, START_BYTES } from './pickles.ts';
import {
  isObject,
  readJson,
  readStart,
  readTensorHeaders,
  type TensorFilesRefusal,
  type TensorHeaders,
} from './tensor-files.ts';

export type InspectRefusal =
  | DirectoryProblem
  | TensorFilesRefusal
  | ModelConfigRefusal
  | 'pickle'
  | 'config-missing'
  | 'tokenizer-missing'
  | 'tokenizer-invalid';

/** What the files of a checkpoint say. Nothing here comes from a message. */
export interface CheckpointFacts {
  /** `model_type` of config.json, such as `llama`. */
  readonly modelType: string;
  /** Whether the engine can run it, so that findings on it can be re-run. */
  readonly runnable: boolean;
  /** As config.json names it, for example `LlamaForCausalLM`; null when it names none. */
  readonly architecture: string | null;
  /** Weights in the tensor headers, tied embeddings once. */
  readonly parameters: number;
  /** The type most weights are stored in. */
  readonly dtype: Dtype;
  /** Every tensor, by file. */
  readonly tensors: TensorHeaders;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly hasTokenizer: boolean;
  readonly hasModelCard: boolean;
  readonly hasDataDescription: boolean;
  readonly hasLicence: boolean;
  readonly hasScripts: boolean;
}

export interface InspectOptions {
  readonly signal: AbortSignal;
  /** `any` lets models pass that the engine cannot run; all else is checked. Default: `runnable`. */
  readonly families?: 'runnable' | 'any';
}

/**
 * Looks at a directory in the Hugging Face layout: only safetensors, headers in bounds, a config of a supported family,
 * a tokenizer. Reads headers and small files, no weights. @throws on I/O errors, OversightError `cancelled`
 */
export async function inspectCheckpoint(
  directory: string,
  options: InspectOptions,
): Promise<Result<CheckpointFacts, InspectRefusal>> {
  const listing = await list(directory, options);
  if (!listing.ok) return listing;
  const { absolute, files } = listing.value;
  const paths = new Set(files.map((file) => file.path));
  for (const path of paths)
    if (isPickle(path, await readStart(join(absolute, path), START_BYTES)))
      return refuse('pickle', `${path} can run code when it is loaded; publish safetensors alone`);
  if (!paths.has('config.json')) return refuse('config-missing', 'there is no config.json');
  const json = await readJson(join(absolute, 'config.json'));
  const config = parseModelConfig(json);
  if (!config.ok && config.reason !== 'model-unsupported') return config;
  const headers = await readTensorHeaders(absolute, paths);
  if (!headers.ok) return headers;
  const dtype = commonDtype([...headers.value.values()]);
  if (dtype === null) return refuse('safetensors-missing', 'the files hold no tensors');
  const tokenizer = await checkTokenizer(absolute, paths);
  if (!tokenizer.ok) return tokenizer;
  const modelType = textField(json, 'model_type');
  if (modelType === null) return refuse('config-invalid', 'config.json names no model_type');
  // last: of a model that the engine cannot run, everything else has been looked at
  if (!config.ok && options.families !== 'any') return config;
  const tied = config.ok ? config.value.tied : isObject(json) && json['tie_word_embeddings'] === true;
  return accept({
    modelType,
    runnable: config.ok,
    architecture: architectureOf(json),
    parameters: countParameters([...headers.value.values()], { tied }),
    dtype,
    tensors: headers.value,
    files,
    hasTokenizer: true,
    hasModelCard: paths.has('README.md'),
    hasDataDescription: paths.has('DATA.md'),
    hasLicence: [...paths].some((path) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(path)),
    hasScripts: [...paths].some((path) => path.startsWith('scripts/')),
  });
}

interface Listed {
  readonly absolute: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
}

async function list(directory: string, options: InspectOptions): Promise<Result<Listed, DirectoryProblem>> {
  try {
    const { absolute, tree } = await listDirectory(directory, options);
    return accept({ absolute, files: filesOf(tree) });
  } catch (error) {
    if (!(error instanceof OversightError) || error.code !== 'checkpoint-invalid') throw error;
    return refuse(error.details['reason'] as DirectoryProblem, error.message);
  }
}

function filesOf(folder: Folder): { readonly path: string; readonly sizeBytes: number }[] {
  return folder.entries.flatMap((entry) =>
    entry.type === 'folder' ? filesOf(entry) : [{ path: entry.path, sizeBytes: entry.sizeBytes }],
  );
}

/** The engine reads tokenizer.json alone; other formats would need code of their own, or a pickle. */
async function checkTokenizer(
  directory: string,
  paths: ReadonlySet<string>,
): Promise<Result<true, 'tokenizer-missing' | 'tokenizer-invalid'>> {
  if (!paths.has('tokenizer.json')) return refuse('tokenizer-missing', 'there is no tokenizer.json');
  const json = await readJson(join(directory, 'tokenizer.json'));
  if (!isObject(json) || !isObject(json['model']))
    return refuse('tokenizer-invalid', 'tokenizer.json is not a tokenizer');
  return accept(true);
}

function architectureOf(config: unknown): string | null {
  const list = isObject(config) ? config['architectures'] : undefined;
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  return typeof first === 'string' && /^[A-Za-z0-9_]{1,128}$/.test(first) ? first : null;
}

function textField(config: unknown, name: string): string | null {
  const value = isObject(config) ? config[name] : undefined;
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(value) ? value : null;
}

function commonDtype(headers: readonly SafetensorsHeader[]): Dtype | null {
  const counts = new Map<Dtype, number>();
  for (const header of headers)
    for (const tensor of header.tensors.values())
      counts.set(tensor.dtype, (counts.get(tensor.dtype) ?? 0) + elementCount(tensor));
  let most: Dtype | null = null;
  for (const [dtype, count] of counts) if (most === null || count > (counts.get(most) ?? 0)) most = dtype;
  return most;
}
