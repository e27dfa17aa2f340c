import { z } from 'zod';
import { messageId } from './common.ts';
import { moment } from './pin.ts';

/** Why an answer ended before its last leaf. spec 19-pins §2.6 */
export const PIN_FAULTS = ['absent', 'wrong', 'late', 'unreachable'] as const;
export type PinFault = (typeof PIN_FAULTS)[number];

/** A check is a sample: this many tell of one leaf in a thousand missing. */
const ASKED_LIMIT = 4_096;

const leafCount = z.int().min(1);

const pinCheckEntry = z
  .looseObject({
    /** The promise. */
    pin: messageId,
    /** 32 bytes in hexadecimal, drawn at random and told only here. */
    seed: z.string().regex(/^[0-9a-f]{64}$/),
    /** When the last answer was in or given up, by the author's clock. */
    at: moment,
    /** Leaves of the checkpoint; null where the answer ended before that was known. */
    leaves: leafCount.nullable(),
    /** How many of those that the seed draws. */
    asked: leafCount.max(ASKED_LIMIT),
    /** How many of them came in time, in the order drawn. */
    answered: z.int().min(0),
    fault: z.enum(PIN_FAULTS).nullable(),
  })
  .refine(
    ({ leaves, asked, answered }) => (leaves === null ? answered === 0 : asked <= leaves),
    'no more leaves than there are',
  )
  .refine(
    ({ asked, answered, fault }) => (fault === null ? answered === asked : answered < asked),
    'every leaf answered, or a fault that says why not',
  );
export type PinCheckEntry = z.infer<typeof pinCheckEntry>;

/** `pin-check/1`: what keepers answered when asked for random leaves. spec 19-pins §2 */
export const pinCheckBody = z.looseObject({ entries: z.array(pinCheckEntry).min(1).max(64) });
export type PinCheckBody = z.infer<typeof pinCheckBody>;
