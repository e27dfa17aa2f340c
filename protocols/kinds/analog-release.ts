import { z } from 'zod';
import { contentReference, messageId, parameterCount, text } from './common.ts';

/** `analog-release/1`: the small open analog of a frontier model, named by its checkpoint's CID. */
export const analogReleaseBody = z.looseObject({
  frontier: messageId,
  model: z.looseObject({
    name: text(200),
    version: text(64),
    modelType: text(64),
    parameters: parameterCount,
  }),
  /** SPDX identifier. */
  licence: z.string().regex(/^[A-Za-z0-9.+-]{1,64}$/),
  summary: text(4_000),
  checkpoint: contentReference,
});
export type AnalogReleaseBody = z.infer<typeof analogReleaseBody>;
