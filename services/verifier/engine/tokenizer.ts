import { createHash } from 'node:crypto';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import type { Prompt } from '../../../protocols/artifacts/index.ts';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import { type ChatMessage, ChatTemplate } from './chat-template.ts';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.ts';

/** Text of one model: chat template, encoding, decoding. */
export class Tokenizer {
  /** Of the chat template's UTF-8 text; of no text where the model has none and prompts are read as they are. */
  readonly templateSha256: string;
  readonly #tokenizer: HfTokenizer;
  readonly #template: ChatTemplate | null;
  /** Added tokens that steer the model, by id. */
  readonly #specials: ReadonlyMap<number, string>;
  /** Special too, but made of any character the vocabulary lacks. */
  readonly #unknown: string | null;

  private constructor({ model, config, template, namedTokens, unknown }: TokenizerFiles) {
    this.#tokenizer = new HfTokenizer(model, config);
    this.#unknown = unknown;
    this.#template = template === null ? null : new ChatTemplate(template, namedTokens);
    this.templateSha256 = this.#template?.sha256 ?? createHash('sha256').digest('hex');
    const added = [...this.#tokenizer.get_added_tokens_decoder()];
    this.#specials = new Map(
      added.filter(([, { special }]) => special).map(([id, { content }]) => [id, content]),
    );
  }

  /** @throws OversightError `tokenizer-missing` without tokenizer.json, `checkpoint-invalid` for one that does not load. */
  static async load(directory: string): Promise<Tokenizer> {
    const files = await readTokenizerFiles(directory);
    try {
      return new Tokenizer(files);
    } catch (cause) {
      throw new OversightError('checkpoint-invalid', `the tokenizer does not load: ${messageOf(cause)}`, {
        cause,
        details: { reason: 'tokenizer-invalid' },
      });
    }
  }

  /**
   * The prompt's text as the model reads it: through the chat template, ready for the answer, or as it is.
   * @throws OversightError `suite-invalid` when the prompt's text contains a control token, which would be encoded as one,
   * and when the template refuses it; `checkpoint-invalid` when the template fails.
   */
  render({ id, prompt, system }: Prompt): string {
    const messages = [
      ...(system ? [{ role: 'system', content: system }] : []),
      { role: 'user', content: prompt },
    ];
    for (const { content } of messages) this.#refuseControlTokens(id, content);
    if (this.#template !== null) return this.#template.render(messages);
    return system ? `${system}\n\n${prompt}` : prompt;
  }

  /** A whole chat through the template. Its texts are taken as they are: control tokens in them control. */
  renderChat(messages: readonly ChatMessage[]): string {
    if (this.#template !== null) return this.#template.render(messages);
    throw new OversightError('checkpoint-invalid', 'the model has no chat template', {
      details: { reason: 'template-missing' },
    });
  }

  /**
   * Token ids of a prompt, and of `prefill` where the answer is begun for the model. A template writes the tokens a
   * sequence begins with itself; without one they are those the tokenizer puts before a text.
   * @throws OversightError as `render`
   */
  encodePrompt(prompt: Prompt, prefill = ''): readonly number[] {
    const text = this.render(prompt) + prefill;
    const ids = this.encode(text);
    return this.#template === null ? [...this.#opening(text, ids), ...ids] : ids;
  }

  /** Token ids of a text that no template is for, and those that the tokenizer puts before a text. */
  encodePlain(text: string): { readonly opening: readonly number[]; readonly ids: readonly number[] } {
    const ids = this.encode(text);
    return { opening: this.#opening(text, ids), ids };
  }

  /** Token ids of a rendered text; nothing is added. Control tokens in it are encoded as such. */
  encode(text: string): readonly number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** The text, without control tokens, exactly as the tokens spell it. */
  decode(ids: readonly number[]): string {
    return this.#decode(ids, true);
  }

  /** What the tokens stand for, control tokens included. */
  spell(ids: readonly number[]): string {
    return this.#decode(ids, false);
  }

  /** What the tokenizer adds before `ids`; what it adds after them would end the text that the model is to go on with. */
  #opening(text: string, ids: readonly number[]): readonly number[] {
    const whole = this.#tokenizer.encode(text, { add_special_tokens: true }).ids;
    const before = (at: number) => ids.every((id, i) => whole[at + i] === id);
    const added = Array.from({ length: whole.length - ids.length + 1 }, (_, at) => at).find(before);
    return whole.slice(0, added ?? 0);
  }

  /** "Cleaning up spaces" would change what the model wrote ("a ?" to "a?"); Transformers 5 does not either. */
  #decode(ids: readonly number[], skipSpecials: boolean): string {
    if (ids.length === 0) return '';
    const options = { skip_special_tokens: skipSpecials, clean_up_tokenization_spaces: false };
    return this.#tokenizer.decode([...ids], options);
  }

  /** By the ids and not by the text alone: a normaliser may turn other characters into a control token's. */
  #refuseControlTokens(id: string, text: string): void {
    const encoded = this.encode(text).map((token) => this.#specials.get(token));
    const found =
      encoded.find((token) => token !== undefined && token !== this.#unknown) ??
      [...this.#specials.values()].find((token) => text.includes(token));
    if (found !== undefined)
      throw new OversightError('suite-invalid', `prompt ${id} contains the control token ${found}`, {
        details: { reason: 'control-token-in-prompt' },
      });
  }
}
