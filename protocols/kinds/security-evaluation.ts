import { z } from 'zod';
import { contentId, contentReference, messageId, slug, text } from './common.ts';
import { orWithheld } from './withheld.ts';

/** What makes an evaluation comprehensive, interpretable and safe. spec 18-oversight §4.2 */
export const EVALUATION_ITEMS = [
  'threat-models',
  'automated-and-human',
  'behaviour-and-mechanism',
  'adversarial',
  'robust-to-deception',
  'latent-capability',
  'fine-tuning-attack',
  'whole-lifecycle',
  'with-and-without-integrations',
  'accessible',
  'graded-difficulty',
  'safe',
] as const;

/** What the evaluators could reach. */
const EVALUATION_ACCESS = ['interface', 'log-probabilities', 'weights', 'fine-tuning'] as const;

/** `security-evaluation/1`: how a model was tested for misuse before it is released. */
export const securityEvaluationBody = z.looseObject({
  frontier: messageId,
  /** Whose bytes were evaluated: an analog's, before its release; null: the frontier model itself. */
  checkpoint: contentId.nullable(),
  evaluator: text(200),
  risks: z
    .array(z.looseObject({ risk: slug, result: z.enum(['acceptable', 'not-acceptable', 'not-tested']) }))
    .max(64),
  /** What was done of the list. */
  done: z.array(z.enum(EVALUATION_ITEMS)).max(EVALUATION_ITEMS.length),
  access: z.array(z.enum(EVALUATION_ACCESS)).max(EVALUATION_ACCESS.length),
  /** Risk beyond what models that are out already bring; null: not said. */
  marginalRisk: orWithheld(text(4_000)).nullable(),
  summary: orWithheld(text(4_000)),
  report: orWithheld(contentReference).nullable(),
});
export type SecurityEvaluationBody = z.infer<typeof securityEvaluationBody>;
