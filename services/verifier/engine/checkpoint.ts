import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ModelConfig,
  parseModelConfig,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../../protocols/artifacts/index.ts';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import { DIRECTORY_FILES_LIMIT } from '../../../protocols/base/limits.ts';
import { readSafetensorsHeader } from './safetensors-file.ts';

/** Formats whose loaders run code. A checkpoint that carries one is refused, even beside safetensors. */
const PICKLES = /\.(?:bin|pt|pth|pkl|pickle|ckpt)$/i;

/** JSON files of a checkpoint: the largest tokenizers published take about 20 MB. */
const JSON_LIMIT_BYTES = 64 * 2 ** 20;

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
  const shards = files.filter((name) => name.endsWith('.safetensors'));
  if (shards.length === 0) throw invalid('weights-missing', 'no *.safetensors in the checkpoint');
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

/** @throws OversightError `checkpoint-invalid` when the file is missing, too large or not JSON. */
export async function readJson(directory: string, name: string): Promise<unknown> {
  const path = join(directory, name);
  try {
    const file = await lstat(path);
    if (!file.isFile() || file.size > JSON_LIMIT_BYTES)
      throw invalid('file-unsuitable', `${name} is no file or too large`);
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof OversightError) throw cause;
    const reason = hasErrno(cause, 'ENOENT') ? 'file-missing' : 'file-unreadable';
    throw new OversightError('checkpoint-invalid', `${name}: ${reason}`, { cause, details: { reason } });
  }
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
