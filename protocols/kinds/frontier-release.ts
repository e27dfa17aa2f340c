import { z } from 'zod';
import { calendarDate, contentReference, parameterCount, text } from './common.ts';

/** `frontier-release/1`: a lab has deployed a frontier model. */
export const frontierReleaseBody = z.looseObject({
  model: z.looseObject({
    name: text(200),
    version: text(64),
    /** `model_type` of the Hugging Face configuration, such as `llama`. */
    modelType: text(64),
    /** null: withheld. */
    parameters: parameterCount.nullable(),
  }),
  deployedOn: calendarDate,
  access: z.enum(['closed', 'structured', 'open']),
  summary: text(4_000),
  /** Public weights, where the lab gives them; a private model has null. */
  checkpoint: contentReference.nullable(),
});
export type FrontierReleaseBody = z.infer<typeof frontierReleaseBody>;
