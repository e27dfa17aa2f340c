import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { messageOf } from '../../../protocols/base/errors.ts';
import type { Operations } from './operation.ts';

const request = z.object({ id: z.int(), operation: z.string(), input: z.unknown() });

/** Answers requests until the input ends: the other side of the protocol. spec 15-conformance §1 */
export async function respond(operations: Operations, input: Readable, output: Writable): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const { id, operation, input: asked } = request.parse(JSON.parse(line));
    output.write(`${JSON.stringify({ id, ...answer(operations, operation, asked) })}\n`);
  }
}

function answer(operations: Operations, operation: string, input: unknown): object {
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined) return { unsupported: true };
  try {
    return { output: run(input) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
