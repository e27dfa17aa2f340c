import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ModelConfig,
  parseModelConfig,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { DIRECTORY_FILES_LIMIT } from '../../../protocols/base/limits.ts';
import { readJson } from './json-file.ts';
import { readSafetensorsHeader } from './safetensors-file.ts';
import { weightFiles } from './weight-files.ts';

/** Formats whose loaders run code. A checkpoint that carries one is refused, even beside safetensors. */
const PICKLES = /\.(?:bin|pt|pth|pkl|pickle|ckpt)$/i;

export interface StoredTensor extends TensorEntry {
  /** File name inside the checkpoint. */
  readonly file: string;
}

/** A model directory in the Hugging Face layout whose headers and config have been checked. */
export interface Checkpoint {
  readonly directory: string;
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly headers: readonly SafetensorsHeader[];
}

/**
 * Reads config.json and every safetensors header.
 * @throws OversightError `checkpoint-invalid` or `model-unsupported`; `details.reason` says which check failed.
 */
export async function openCheckpoint(directory: string): Promise<Checkpoint> {
  const files = await listFiles(directory);
  const pickle = files.find((name) => PICKLES.test(name));
  if (pickle !== undefined)
    throw invalid('pickle-refused', `${pickle}: only safetensors are read, pickles can run code`);
  const parsed = parseModelConfig(await readJson(directory, 'config.json'));
  if (!parsed.ok && parsed.reason === 'model-unsupported')
    throw new OversightError('model-unsupported', parsed.detail);
  if (!parsed.ok) throw invalid(parsed.reason, `config.json: ${parsed.detail}`);
  const config = await withGenerationConfig(directory, files, parsed.value);
  const { tensors, headers } = await readHeaders(directory, files);
  return { directory, config, tensors, headers };
}

async function listFiles(directory: string): Promise<readonly string[]> {
  let entries: string[];
  try {
    entries = await readdir(directory);
  } catch (cause) {
    throw new OversightError('checkpoint-invalid', 'the checkpoint directory cannot be read', {
      cause,
      details: { reason: 'directory-unreadable' },
    });
  }
  if (entries.length > DIRECTORY_FILES_LIMIT)
    throw invalid('too-many-files', `${entries.length} files in one checkpoint`);
  return entries.sort();
}

async function readHeaders(
  directory: string,
  files: readonly string[],
): Promise<{ tensors: ReadonlyMap<string, StoredTensor>; headers: readonly SafetensorsHeader[] }> {
  const shards = await weightFiles(directory, files);
  const tensors = new Map<string, StoredTensor>();
  const headers: SafetensorsHeader[] = [];
  for (const file of shards) {
    const path = join(directory, file);
    // The runtime maps the file by name; a link could point anywhere.
    if (!(await lstat(path)).isFile()) throw invalid('not-a-file', file);
    const header = await readSafetensorsHeader(path);
    if (!header.ok) throw invalid(header.reason, `${file}: ${header.detail}`);
    for (const [name, entry] of header.value.tensors) {
      if (tensors.has(name)) throw invalid('tensor-repeated', `${name} is in two files`);
      tensors.set(name, { ...entry, file });
    }
    headers.push(header.value);
  }
  return { tensors, headers };
}

/** generation_config.json may add ends of sequence to those of config.json. */
async function withGenerationConfig(
  directory: string,
  files: readonly string[],
  config: ModelConfig,
): Promise<ModelConfig> {
  if (!files.includes('generation_config.json')) return config;
  const json = await readJson(directory, 'generation_config.json');
  const raw = typeof json === 'object' && json !== null && 'eos_token_id' in json ? json.eos_token_id : [];
  const more = (Array.isArray(raw) ? raw : [raw]).filter(
    (id): id is number => Number.isInteger(id) && id >= 0 && id < config.vocabSize,
  );
  return { ...config, eosTokenIds: [...new Set([...config.eosTokenIds, ...more])] };
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
