import { z } from 'zod';

const id = z.string().min(1);
const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const text = z.string();
const count = z.int().min(0);
const accepted = z.boolean();

/** The shapes of the files about feeds, closed: a field that is not here is one that no test reads. */
export const FEED_FILES = {
  'checkpoint.json': z.strictObject({
    federation: text,
    keys: z.array(
      z.strictObject({ id, name: text, type: z.literal([1, 4]), publicKey: hex, keyId: hex, vkey: text }),
    ),
    keysRefused: z.array(z.strictObject({ id, vkey: text, refusal: text })),
    signed: z.array(
      z.strictObject({
        id,
        signingSeed: hex,
        size: count,
        root: hex,
        author: text,
        signature: hex,
        checkpoint: text,
      }),
    ),
    read: z.array(z.strictObject({ id, bytes: hex, author: text, size: count, root: hex, signature: hex })),
    refused: z.array(z.strictObject({ id, bytes: hex, refusal: text })),
  }),
  'tile.json': z.strictObject({
    paths: z.array(
      z.strictObject({
        id,
        path: text,
        level: z.union([count, z.literal('entries')]),
        index: count,
        width: count,
      }),
    ),
    pathsRefused: z.array(z.strictObject({ id, path: text, refusal: text })),
    tiles: z.array(z.strictObject({ id, size: count, path: text, tile: hex.nullable() })),
    bundles: z.array(z.strictObject({ id, entries: z.array(hex), bundle: hex })),
    bundlesRefused: z.array(z.strictObject({ id, bundle: hex, width: count, refusal: text })),
  }),
  'tlog-proof.json': z.strictObject({
    log: text,
    witness: text,
    accepted: z.array(
      z.strictObject({
        id,
        proof: text,
        entry: hex,
        index: count,
        size: count,
        root: hex,
        cosigned: z.array(text),
      }),
    ),
    refused: z.array(z.strictObject({ id, proof: text, entry: hex, refusal: text })),
  }),
  'tree.json': z.strictObject({
    roots: z.array(z.strictObject({ id, entries: z.array(hex), root: hex })),
    inclusion: z.array(
      z.strictObject({ id, index: count, size: count, leaf: hex, root: hex, proof: z.array(hex), accepted }),
    ),
    consistency: z.array(
      z.strictObject({
        id,
        from: count,
        fromRoot: hex,
        to: count,
        toRoot: hex,
        proof: z.array(hex),
        accepted,
      }),
    ),
  }),
  'witness.json': z.strictObject({
    federation: text,
    author: text,
    cosignatures: z.array(z.strictObject({ id, signingSeed: hex, text, time: count, line: text })),
    requests: z.array(
      z.strictObject({
        id,
        request: text,
        known: z.boolean(),
        lastSize: count,
        lastRoot: hex,
        status: count,
        reason: text.nullable(),
      }),
    ),
    policies: z.array(
      z.strictObject({ id, policy: text, times: z.record(text, count), established: count.nullable() }),
    ),
    policiesRefused: z.array(
      z.strictObject({ id, policy: text, times: z.record(text, count), refusal: text }),
    ),
  }),
} as const satisfies Record<string, z.ZodType>;
