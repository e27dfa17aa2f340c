import { createHash } from 'node:crypto';
import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** Steps of one range() in a template: chats are shorter, and a hostile one must not fill the memory. */
const RANGE_LIMIT = 100_000;

/** A chat template of a checkpoint, rendered as Transformers does, except that there is no clock in it. */
export class ChatTemplate {
  /** Of its UTF-8 text. */
  readonly sha256: string;
  readonly #parsed: Template['parsed'];
  readonly #variables: Readonly<Record<string, string>>;

  /**
   * @param variables special tokens by their name, for example `bos_token`
   * @throws SyntaxError for a text that is no template
   */
  constructor(text: string, variables: Readonly<Record<string, string>>) {
    this.#parsed = new Template(text).parsed;
    this.#variables = variables;
    this.sha256 = createHash('sha256').update(text, 'utf8').digest('hex');
  }

  /**
   * The messages, ready for the answer.
   * @throws OversightError `suite-invalid` when the template refuses these messages, `checkpoint-invalid` when it fails.
   */
  render(messages: readonly ChatMessage[]): string {
    const environment = globals();
    const items = { ...this.#variables, messages, tools: null, documents: null, add_generation_prompt: true };
    for (const [name, value] of Object.entries(items)) environment.set(name, value);
    try {
      return String(new Interpreter(environment).run(this.#parsed).value);
    } catch (cause) {
      if (cause instanceof Refusal)
        throw new OversightError('suite-invalid', `the chat template refuses the prompt: ${cause.message}`, {
          cause,
          details: { reason: 'template-refused' },
        });
      throw new OversightError('checkpoint-invalid', `the chat template fails: ${messageOf(cause)}`, {
        cause,
        details: { reason: 'template-failed' },
      });
    }
  }
}

/** What a template says through raise_exception. */
class Refusal extends Error {}

/**
 * What templates may call. `strftime_now` is missing on purpose: with it the prompt would depend on the day, and templates
 * that ask for it carry a fixed date for where it is undefined.
 */
function globals(): Environment {
  const environment = new Environment();
  const constants = { false: false, true: true, none: null, False: false, True: true, None: null };
  for (const [name, value] of Object.entries(constants)) environment.set(name, value);
  environment.set('raise_exception', (message: unknown) => {
    throw new Refusal(String(message).slice(0, 500));
  });
  environment.set('range', range);
  return environment;
}

/** Python's range(), bounded. */
function range(first: number, second?: number, step = 1): readonly number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= RANGE_LIMIT)) throw new RangeError(`range() of ${count} steps`);
  return Array.from({ length: count }, (_, i) => start + i * step);
}
