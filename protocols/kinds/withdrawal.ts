import { z } from 'zod';
import { messageId, text } from './common.ts';

/** `withdrawal/1`: a regulator takes back what it said: a notice, a penalty, an extension, a determination, guidance. */
export const withdrawalBody = z.looseObject({ statement: messageId, reason: text(4_000) });
export type WithdrawalBody = z.infer<typeof withdrawalBody>;
