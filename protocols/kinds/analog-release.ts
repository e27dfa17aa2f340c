import { z } from 'zod';
import {
  contentId,
  contentReference,
  digestText,
  licenceText,
  messageId,
  parameterCount,
  slug,
  text,
} from './common.ts';
import { orWithheld } from './withheld.ts';

/** `analog-release/1`: the small open analog of a frontier model, named by its checkpoint's CID. */
export const analogReleaseBody = z.looseObject({
  frontier: messageId,
  model: z.looseObject({
    name: text(200),
    version: text(64),
    modelType: text(64),
    parameters: parameterCount,
    /** sha256 of tokenizer.json. */
    tokenizer: digestText.optional(),
  }),
  licence: licenceText,
  /** What is asked of users beyond the licence, in the words of the charter's policy. */
  restrictions: z.array(slug).max(32).optional(),
  /** The statement of training data and objectives: the frontier model's own, where they are the same. */
  training: orWithheld(contentId).optional(),
  /** The release of the model it was distilled from. */
  distilledFrom: messageId.optional(),
  summary: text(4_000),
  checkpoint: contentReference,
});
export type AnalogReleaseBody = z.infer<typeof analogReleaseBody>;
