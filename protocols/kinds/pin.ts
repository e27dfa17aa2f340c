import { z } from 'zod';
import { contentReference } from './common.ts';

/** The last millisecond that a date can hold (ECMA-262 §21.4.1.1). */
export const moment = z.int().min(0).max(8_640_000_000_000_000);

/** `pin/1`: the author keeps this checkpoint until then, in milliseconds since 1970; null: no longer. spec 19-pins §1 */
export const pinBody = z.looseObject({ checkpoint: contentReference, until: moment.nullable() });
export type PinBody = z.infer<typeof pinBody>;
