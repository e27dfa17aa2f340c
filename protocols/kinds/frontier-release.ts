import { z } from 'zod';
import {
  calendarDate,
  contentId,
  contentReference,
  digestText,
  magnitude,
  parameterCount,
  text,
} from './common.ts';
import { orWithheld } from './withheld.ts';

const peopleOrMoney = z.int().min(0);

/** `frontier-release/1`: a lab has deployed a frontier model. What it may withhold shows as withheld. spec 18-oversight §3 */
export const frontierReleaseBody = z.looseObject({
  model: z.looseObject({
    name: text(200),
    version: text(64),
    /** `model_type` of the Hugging Face configuration, such as `llama`. */
    modelType: text(64),
    /** null: withheld, and no reason given. */
    parameters: orWithheld(parameterCount).nullable(),
    /** sha256 of tokenizer.json. */
    tokenizer: orWithheld(digestText).optional(),
  }),
  deployedOn: calendarDate,
  access: z.enum(['closed', 'structured', 'open']),
  /** Who has the weights, under structured access. */
  holders: orWithheld(z.int().min(0)).optional(),
  /** What the charter's thresholds are about. */
  scale: z
    .looseObject({
      /** Floating-point operations of the training. */
      operations: orWithheld(magnitude).optional(),
      /** People who use it in a month. */
      users: orWithheld(peopleOrMoney).optional(),
      /** Of the lab in the year before, affiliates included. */
      revenueUsd: orWithheld(peopleOrMoney).optional(),
    })
    .optional(),
  /** The statement of training data and objectives. */
  training: orWithheld(contentId).optional(),
  summary: orWithheld(text(4_000)),
  /** Public weights, where the lab gives them; a private model has null. */
  checkpoint: contentReference.nullable(),
});
export type FrontierReleaseBody = z.infer<typeof frontierReleaseBody>;
