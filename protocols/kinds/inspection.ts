import { z } from 'zod';
import { contentId, digestText, licenceText, parameterCount, slug, text } from './common.ts';

/** spec 17-releases §2.1 to §2.8, by the second number. */
const requirement = z.looseObject({
  requirement: z.int().min(1).max(8),
  state: z.enum(['met', 'failed', 'open']),
  /** Of spec 17-releases §2; null where it is met. */
  code: slug.nullable(),
});
export type InspectedRequirement = z.infer<typeof requirement>;

/** `inspection/1`: what one who fetched a checkpoint's bytes found in them. null: not looked at. */
export const inspectionBody = z.looseObject({
  checkpoint: contentId,
  /** Counted from tensor headers, tied weights once. */
  parameters: parameterCount.nullable(),
  modelType: text(64).nullable(),
  /** sha256 of tokenizer.json. */
  tokenizer: digestText.nullable(),
  /** As the model card has it. */
  licence: licenceText.nullable(),
  requirements: z.array(requirement).max(16),
});
export type InspectionBody = z.infer<typeof inspectionBody>;
