import type { Prompt, Suite } from '../../../protocols/artifacts/index.ts';
import { type Generated, generate } from '../engine/generate.ts';
import type { Model } from '../engine/model.ts';
import type { Tokenizer } from '../engine/tokenizer.ts';
import type { Condition } from '../interventions/treated-rows.ts';
import { suiteInvalid } from './load-suite.ts';

/** Rows of one batch: past this, batching gains nothing on a CPU and only the caches grow. */
const BATCH_ROWS = 96;

export interface NamedCondition {
  readonly name: string;
  readonly condition: Condition;
  readonly seed: string | null;
}

export interface Answer extends Generated {
  readonly text: string;
}

/**
 * Decodes every prompt of a set under every condition; [condition][prompt], prompts in the set's order.
 * Prompts of one length share a batch, so nothing is ever padded.
 */
export async function runSet(
  model: Model,
  tokenizer: Tokenizer,
  prompts: readonly Prompt[],
  conditions: readonly Condition[],
  decoding: Suite['decoding'],
  onBatch: (generations: number) => void,
): Promise<readonly (readonly Answer[])[]> {
  const { maxNewTokens } = decoding;
  const encoded = encodeAll(model, tokenizer, prompts, maxNewTokens);
  const answers: Answer[][] = conditions.map(() => []);
  for (const batch of batches(encoded, Math.max(1, Math.floor(BATCH_ROWS / conditions.length)))) {
    const tokens = batch.map((index) => encoded[index] as readonly number[]);
    const results = await generate(model, tokens, conditions, {
      maxNewTokens,
      eosTokenIds: model.config.eosTokenIds,
    });
    for (const [c, generated] of results.entries())
      for (const [i, one] of generated.entries())
        (answers[c] as Answer[])[batch[i] as number] = { ...one, text: tokenizer.decode(one.ids) };
    onBatch(batch.length * conditions.length);
  }
  return answers;
}

/** @throws OversightError `suite-invalid` for a prompt that leaves no room for its answer. */
function encodeAll(
  model: Model,
  tokenizer: Tokenizer,
  prompts: readonly Prompt[],
  maxNewTokens: number,
): readonly (readonly number[])[] {
  return prompts.map((prompt) => {
    const ids = tokenizer.encodePrompt(prompt);
    if (ids.length === 0) throw suiteInvalid('prompt-empty', `prompt ${prompt.id} has no tokens`);
    // The last new token is never read, so it needs no position.
    if (ids.length + maxNewTokens - 1 > model.config.maxPositions)
      throw suiteInvalid(
        'context-exceeded',
        `prompt ${prompt.id}: ${ids.length} tokens and ${maxNewTokens} new ones exceed ${model.config.maxPositions} positions`,
      );
    return ids;
  });
}

function batches(encoded: readonly (readonly number[])[], limit: number): readonly (readonly number[])[] {
  const byLength = new Map<number, number[]>();
  for (const [index, ids] of encoded.entries())
    byLength.set(ids.length, [...(byLength.get(ids.length) ?? []), index]);
  return [...byLength.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / limit) }, (_, i) =>
      group.slice(i * limit, (i + 1) * limit),
    ),
  );
}
