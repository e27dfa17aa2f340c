import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import { readJson, readText } from './json-file.ts';

const CONFIG_FILE = 'tokenizer_config.json';
const TEMPLATE_FILE = 'chat_template.jinja';

/** Special tokens that templates may name. */
const NAMED_TOKENS = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
];

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly model: object;
  /** tokenizer_config.json; empty where there is none. */
  readonly config: object;
  /** Text of the chat template; null for a checkpoint without one. */
  readonly template: string | null;
  /** Special tokens by name, those the configuration gives. */
  readonly namedTokens: Readonly<Record<string, string>>;
  /** Stands for characters outside the vocabulary; null where there are none. */
  readonly unknown: string | null;
}

/**
 * Reads a checkpoint's tokenizer files. A template in a file of its own counts before one in tokenizer_config.json.
 * @throws OversightError `tokenizer-missing` without tokenizer.json, `checkpoint-invalid` for files that are not what they should be.
 */
export async function readTokenizerFiles(directory: string): Promise<TokenizerFiles> {
  const model = await readObject(directory, 'tokenizer.json');
  // Models without a chat template are published without it too.
  const config = (await hasFile(directory, CONFIG_FILE)) ? await readObject(directory, CONFIG_FILE) : {};
  const fields = config as Record<string, unknown>;
  const template = (await hasFile(directory, TEMPLATE_FILE))
    ? await readText(directory, TEMPLATE_FILE)
    : templateOf(fields.chat_template);
  return { model, config, template, namedTokens: namedTokens(fields), unknown: unknownToken(model) };
}

/** BPE and WordPiece name the token, Unigram its place in the vocabulary. */
function unknownToken(json: object): string | null {
  const model: unknown = 'model' in json ? json.model : null;
  if (typeof model !== 'object' || model === null) return null;
  if ('unk_token' in model) return tokenText(model.unk_token);
  if (!('unk_id' in model) || !('vocab' in model) || !Array.isArray(model.vocab)) return null;
  const entry: unknown = model.vocab[Number(model.unk_id)];
  return Array.isArray(entry) ? tokenText(entry[0]) : null;
}

/** One template, or several by name, of which `default` is the chat's. */
function templateOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  const chosen: unknown = Array.isArray(value)
    ? value.find((entry: { name?: unknown } | null) => entry?.name === 'default')?.template
    : undefined;
  if (typeof chosen === 'string') return chosen;
  throw invalid('template-invalid', 'chat_template is neither a text nor a list with a default');
}

function namedTokens(config: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const name of NAMED_TOKENS) {
    const text = tokenText(config[name]);
    if (text !== null) tokens[name] = text;
  }
  return tokens;
}

/** A token is written as its text or as an object with `content`. */
function tokenText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'content' in value)
    return typeof value.content === 'string' ? value.content : null;
  return null;
}

async function hasFile(directory: string, name: string): Promise<boolean> {
  try {
    return (await lstat(join(directory, name))).isFile();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw new OversightError('checkpoint-invalid', `${name} cannot be read`, {
      cause: error,
      details: { reason: 'file-unreadable' },
    });
  }
}

async function readObject(directory: string, name: string): Promise<object> {
  let json: unknown;
  try {
    json = await readJson(directory, name);
  } catch (error) {
    if (error instanceof OversightError && hasErrno(error.cause, 'ENOENT'))
      throw new OversightError('tokenizer-missing', `the checkpoint has no ${name}`, { cause: error });
    throw error;
  }
  if (typeof json === 'object' && json !== null) return json;
  throw invalid('tokenizer-invalid', `${name} is not a JSON object`);
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
