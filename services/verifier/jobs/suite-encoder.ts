import type { Prompt } from '../../../protocols/artifacts/index.ts';
import type { ForcedRow } from '../engine/score.ts';
import type { Tokenizer } from '../engine/tokenizer.ts';
import type { Encoder } from '../graders/grader.ts';

/** Turns the texts of a suite into tokens, through the target's chat template. */
export class SuiteEncoder implements Encoder {
  readonly #tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  prompt(prompt: Prompt, prefill = ''): readonly number[] {
    return this.#tokenizer.encodePrompt(prompt, prefill);
  }

  /** Encoded as one text: whoever reads prompt and answer would; so a token may not lie across the two. */
  continuation(prompt: Prompt, prefill: string | undefined, text: string): ForcedRow | null {
    const before = this.prompt(prompt, prefill);
    const whole = this.prompt(prompt, (prefill ?? '') + text);
    if (whole.length <= before.length || before.some((id, i) => whole[i] !== id)) return null;
    const continuation = whole.slice(before.length);
    return { prompt: before, continuation, from: before.length - 1, to: whole.length - 1 };
  }

  plain(text: string) {
    return this.#tokenizer.encodePlain(text);
  }
}
