import { z } from 'zod';
import { WITHHELD_REASONS } from '../../../protocols/kinds/index.ts';

/** An answer that later versions may add to. */
export const open = z.looseObject;

/** Milliseconds since 1970. */
export const time = z.int();
export const maybeTime = time.nullable();
export const id = z.string().regex(/^bafyrei[a-z2-7]{52}$/);
export const cid = z.string().regex(/^baf[a-z2-7]{56}$/);
export const didKey = z.string().regex(/^did:key:z[1-9A-HJ-NP-Za-km-z]+$/);
export const count = z.int().min(0);
export const files = z.array(open({ path: z.string(), sizeBytes: count, sha256: z.string() }));
/** Content that has joined the store. */
export const added = open({ cid, profile: z.literal('unixfs-v1-2025'), sizeBytes: count, files });
export const bytesProgress = open({ bytesDone: count, bytesTotal: count });
export const anything = z.unknown();

/** JSON of one schema. */
export function json(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  return { 'application/json': schema };
}

export const NOT_MODIFIED = { description: 'What the entity tag names is unchanged.' } as const;

/** A field that shows as withheld, without what stood there. spec 08-record §3.12 */
export const withheldField = {
  field: z.string(),
  reason: z.enum(WITHHELD_REASONS).nullable(),
  retainedUntil: z.string().nullable(),
  commitment: z.string().nullable(),
  sealedTo: z.array(z.string()),
};
