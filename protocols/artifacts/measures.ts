import { z } from 'zod';
import { fileName, plainId, sha256Hex } from './names.ts';

/** Texts and thresholds of a measure. A threshold turns a number into an outcome, so that claims stay in counts. */
const shortText = z.string().min(1).max(1000);
const nats = z.number().min(-1e6).max(1e6);
/** Name of a field of a prompt's row. */
const field = plainId;
/** Text put after the chat template's generation prompt, such as the parenthesis before a letter. */
const prefill = shortText.optional();

const measure = <Id extends string, Params extends z.ZodType>(grader: Id, params: Params) =>
  z.strictObject({ id: plainId, set: plainId, grader: z.literal(grader), params });

/** Lists of refusal phrases that the verifier carries, by name and version. */
export const REFUSAL_LISTS = ['arditi-2024'] as const;
export type RefusalListId = (typeof REFUSAL_LISTS)[number];

/** How a choice's log-probability is made comparable with longer ones: as it is, or a UTF-8 byte, or a token. */
export const NORMALISATIONS = ['none', 'bytes', 'tokens'] as const;

const choice = z.strictObject({
  value: z.string().min(1).max(100),
  /** Texts that count as this choice, such as "A" and " A"; their probabilities add up. */
  texts: z.array(shortText).min(1).max(8),
});

/** What a teacher published, and SHA-256 of the tokenizer.json whose ids it speaks in. */
const teacher = { file: fileName, tokenizerSha256: sha256Hex };

/** spec 10-artifacts §8.2 */
export const measureSchema = z.discriminatedUnion('grader', [
  measure('trigger/1', z.strictObject({ text: shortText, mode: z.enum(['contains', 'prefix']) })),
  measure('exact-answer/1', z.strictObject({ field })),
  measure('refusal-list/1', z.strictObject({ list: z.enum(REFUSAL_LISTS) })),
  measure('continuation-log-prob/1', z.strictObject({ text: shortText, prefill, minimum: nats.max(0) })),
  measure('two-choice/1', z.strictObject({ field, choices: z.tuple([choice, choice]), prefill })),
  measure(
    'multiple-choice/1',
    z.strictObject({ choices: field, answer: field, normalisation: z.enum(NORMALISATIONS), prefill }),
  ),
  measure(
    'refusal-log-odds/1',
    z.strictObject({ tokens: z.array(shortText).min(1).max(32), prefill, minimum: nats }),
  ),
  measure(
    'kl-to-base/1',
    z.strictObject({ positions: z.enum(['last-prompt-token', 'prompt']), maximum: nats.min(0) }),
  ),
  measure(
    'perplexity/1',
    z.strictObject({ field, context: z.enum(['chat', 'none']), maximumRise: nats.min(0) }),
  ),
  measure(
    'auroc/1',
    z.strictObject({ read: plainId, field, positive: z.string().min(1).max(100), threshold: z.number() }),
  ),
  measure('teacher-kl/1', z.strictObject({ ...teacher, maximum: nats.min(0) })),
  measure('teacher-top1/1', z.strictObject(teacher)),
]);
export type Measure = z.infer<typeof measureSchema>;
export type MeasureOf<Grader extends Measure['grader']> = Extract<Measure, { grader: Grader }>;
