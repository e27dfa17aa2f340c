import { createHash } from 'node:crypto';
import { Template } from '@huggingface/jinja';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import type { Prompt } from '../../../protocols/artifacts/index.ts';
import { hasErrno, messageOf, OversightError } from '../../../protocols/base/errors.ts';
import { readJson } from './checkpoint.ts';

/** Text of one model: chat template, encoding, decoding. */
export class Tokenizer {
  readonly templateSha256: string;
  readonly #tokenizer: HfTokenizer;
  readonly #template: Template;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #specials: readonly string[];

  private constructor(tokenizer: HfTokenizer, config: TokenizerConfig) {
    this.#tokenizer = tokenizer;
    this.#template = new Template(config.template);
    this.#variables = config.variables;
    this.templateSha256 = createHash('sha256').update(config.template, 'utf8').digest('hex');
    const added = [...tokenizer.get_added_tokens_decoder().values()];
    this.#specials = added.filter((token) => token.special).map((token) => token.content);
  }

  /** @throws OversightError `tokenizer-missing` without tokenizer.json, `checkpoint-invalid` for one that does not load. */
  static async load(directory: string): Promise<Tokenizer> {
    const [model, config] = await Promise.all([
      readTokenizerFile(directory, 'tokenizer.json'),
      readTokenizerFile(directory, 'tokenizer_config.json'),
    ]);
    try {
      return new Tokenizer(new HfTokenizer(model, config), tokenizerConfig(config));
    } catch (cause) {
      throw new OversightError('checkpoint-invalid', `the tokenizer does not load: ${messageOf(cause)}`, {
        cause,
        details: { reason: 'tokenizer-invalid' },
      });
    }
  }

  /**
   * The prompt through the chat template, ready for the answer.
   * @throws OversightError `suite-invalid` when the prompt's text contains a control token: it would be encoded as one.
   */
  render(prompt: Prompt): string {
    const texts = [prompt.prompt, prompt.system ?? ''];
    const special = this.#specials.find((token) => texts.some((text) => text.includes(token)));
    if (special !== undefined)
      throw new OversightError('suite-invalid', `prompt ${prompt.id} contains the control token ${special}`, {
        details: { reason: 'control-token-in-prompt' },
      });
    const system = prompt.system ? [{ role: 'system', content: prompt.system }] : [];
    const messages = [...system, { role: 'user', content: prompt.prompt }];
    try {
      return this.#template.render({ ...this.#variables, messages, add_generation_prompt: true });
    } catch (cause) {
      throw new OversightError('checkpoint-invalid', `the chat template fails: ${messageOf(cause)}`, {
        cause,
        details: { reason: 'template-failed' },
      });
    }
  }

  encode(text: string): readonly number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  decode(ids: readonly number[]): string {
    if (ids.length === 0) return '';
    return this.#tokenizer.decode([...ids], { skip_special_tokens: true });
  }
}

interface TokenizerConfig {
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
}

function tokenizerConfig(json: object): TokenizerConfig {
  const fields = json as Record<string, unknown>;
  const template = fields.chat_template;
  if (typeof template !== 'string') throw new TypeError('no chat_template');
  const variables: Record<string, string> = {};
  for (const name of ['bos_token', 'eos_token', 'pad_token', 'unk_token']) {
    const text = tokenText(fields[name]);
    if (text !== null) variables[name] = text;
  }
  return { template, variables };
}

/** A token is written as its text or as an object with `content`. */
function tokenText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'content' in value)
    return typeof value.content === 'string' ? value.content : null;
  return null;
}

async function readTokenizerFile(directory: string, name: string): Promise<object> {
  let json: unknown;
  try {
    json = await readJson(directory, name);
  } catch (error) {
    if (error instanceof OversightError && hasErrno(error.cause, 'ENOENT'))
      throw new OversightError('tokenizer-missing', `the checkpoint has no ${name}`, { cause: error });
    throw error;
  }
  if (typeof json === 'object' && json !== null) return json;
  throw new OversightError('checkpoint-invalid', `${name} is not a JSON object`, {
    details: { reason: 'tokenizer-invalid' },
  });
}
