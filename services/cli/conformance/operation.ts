import { z } from 'zod';
import { fromHex } from '../../../protocols/base/bytes.ts';

/** What a program under test can be asked, by the name of the operation. spec 15-conformance §2 */
export type Operations = Readonly<Record<string, (input: unknown) => unknown>>;

export const bytes = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .transform(fromHex);
export const count = z.int().min(0);

export function operation<T>(
  input: z.ZodType<T>,
  answer: (input: T) => unknown,
): (input: unknown) => unknown {
  return (asked) => answer(input.parse(asked));
}
