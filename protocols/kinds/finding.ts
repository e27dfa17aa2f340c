import { z } from 'zod';
import { conditionCount, contentId, contentReference, measureId, messageId, ppm, text } from './common.ts';

const modelReference = z.looseObject({
  checkpoint: contentId,
  /** The release that announced it, where there is one. */
  release: messageId.nullable(),
});

/** spec 07-verdict §1: what must hold of the treated model for the finding to be true. */
export const claim = z.looseObject({
  effect: z.looseObject({
    measure: measureId,
    /** `decrease`: the treated rate is at most `boundPpm`; `increase`: at least. */
    direction: z.enum(['decrease', 'increase']),
    boundPpm: ppm,
  }),
  /** Benign measures (rates of what should stay) that may fall by at most this much. */
  gates: z
    .array(z.looseObject({ measure: measureId, maximumDropPpm: ppm }))
    .min(1)
    .max(16),
  counts: z.array(conditionCount).min(2).max(64),
});
export type Claim = z.infer<typeof claim>;

/** `finding/1`: this intervention, from this source model, on this target, moves this measure so much. */
export const findingBody = z.looseObject({
  title: text(200),
  summary: text(4_000),
  intervention: contentReference,
  suite: contentReference,
  /** Where the intervention was found; null when it was found on the target itself. */
  source: modelReference.nullable(),
  target: modelReference,
  claim,
});
export type FindingBody = z.infer<typeof findingBody>;
