import { z } from 'zod';

const index = z
  .int()
  .min(0)
  .max(2 ** 22);
const text = z.string().min(1).max(1000);
/** What happens at a prompt in which the text does not occur. */
const whereAbsent = z.enum(['no-edit', 'refuse']);

/**
 * Tokens an edit applies to or a read looks at. Prompt positions count from 0, the first token of the rendered prompt
 * included (a BOS, where the template writes one). "Generated" are the tokens the model itself has produced, from the
 * first on. A token belongs to a text if it holds at least one character, or a part of one, of it. spec 10-artifacts §6.3
 */
export const positionsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('prompt') }),
  z.strictObject({ kind: z.literal('last-prompt-token') }),
  z.strictObject({ kind: z.literal('generated') }),
  z.strictObject({ kind: z.literal('last-prompt-token-and-generated') }),
  /** One prompt token counted from the end: 0 is the last. */
  z.strictObject({ kind: z.literal('from-end'), index }),
  /** Prompt tokens from…from+count-1; without a count, every token from `from` on, the generated ones too. */
  z.strictObject({ kind: z.literal('range'), from: index, count: index.min(1).optional() }),
  /** Tokens that begin after the last occurrence of the marker, such as the template's opening of the answer; and generated ones. */
  z.strictObject({ kind: z.literal('after-instruction'), marker: text }),
  /** Tokens of a text in the rendered prompt. */
  z.strictObject({
    kind: z.literal('span'),
    text,
    occurrence: z.enum(['first', 'last', 'every']),
    whereAbsent,
  }),
  /** Tokens of the text that the edit's contrast swaps. */
  z.strictObject({ kind: z.literal('contrast'), whereAbsent }),
]);
export type Positions = z.infer<typeof positionsSchema>;
