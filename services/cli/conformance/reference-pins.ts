import { z } from 'zod';
import { drawLeaves } from '../../../protocols/pins/index.ts';
import { copiesOf } from '../../../protocols/record/index.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

const check = z.object({
  organisation: z.string(),
  established: count.nullable(),
  at: count,
  fault: z.string().nullable(),
});
const pin = z.object({
  checkpoint: z.string(),
  member: z.string(),
  organisation: z.string(),
  until: count,
  checks: z.array(check),
});
const member = z.object({
  key: z.string(),
  organisation: z.string(),
  former: z.array(z.object({ key: z.string() })),
});

/** 19-pins. */
export const PIN_OPERATIONS: Operations = {
  'pin.draw': operation(z.object({ seed: bytes, leaves: count, asked: count }), (input) => ({
    numbers: drawLeaves(input.seed, input.leaves, input.asked),
  })),
  'pin.copies': operation(
    z.object({
      release: z.object({ author: z.string(), checkpoint: z.string() }),
      at: count,
      members: z.array(member),
      pins: z.array(pin),
    }),
    ({ release, at, members, pins }) => copiesOf({ members, formerMembers: [], pins }, release, at),
  ),
};
