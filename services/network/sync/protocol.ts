import { z } from 'zod';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import {
  FEEDS_LIMIT,
  SYNC_HEADS_LIMIT,
  WITNESS_REQUEST_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { parseCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { HASH_BYTES, type Hash, type WitnessAnswer } from '../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import type { FeedHead } from './source.ts';

const SIGNATURE_BYTES = 64;

const author = z.custom<MemberKey>(
  (value) => typeof value === 'string' && parseDidKey('ed25519', value) !== null,
);
const sequence = z.int().min(0);
const messageId = z.string().refine((text) => parseCid(text) !== null);
const bytes = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);

/** spec 11-network §4.2: one request. `from` is included, `to` is not. */
const syncRequest = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('heads') }),
  z.strictObject({ op: z.literal('range'), author, from: sequence, to: sequence }),
  z.strictObject({ op: z.literal('evidence'), author }),
  z.strictObject({ op: z.literal('root'), author, size: sequence }),
  z.strictObject({ op: z.literal('consistency'), author, from: sequence, to: sequence }),
  z.strictObject({ op: z.literal('add-checkpoint'), body: z.string().max(WITNESS_REQUEST_LIMIT_BYTES) }),
]);
export type SyncRequest = z.infer<typeof syncRequest>;

/** spec 11-network §4.3: one frame of heads. */
const headList = z
  .array(
    z.strictObject({
      author,
      length: sequence,
      head: messageId.nullable(),
      fork: sequence.nullable(),
      signed: z
        .strictObject({ size: sequence, root: bytes(HASH_BYTES), signature: bytes(SIGNATURE_BYTES) })
        .nullable(),
    }),
  )
  .max(SYNC_HEADS_LIMIT);

/** spec 11-network §4.8 */
const witnessAnswer = z.strictObject({ status: z.int(), contentType: z.string(), body: z.string() });

export type SyncRefusal = 'not-a-request' | 'not-heads' | 'not-an-answer';

export function encodeRequest(request: SyncRequest): Uint8Array {
  return encode(request);
}

export function parseRequest(frame: Uint8Array): Result<SyncRequest, SyncRefusal> {
  const decoded = decodeCanonical(frame);
  const parsed = decoded.ok ? syncRequest.safeParse(decoded.value) : null;
  return parsed?.success ? accept(parsed.data) : refuse('not-a-request', 'no sync request');
}

/** Frames of at most SYNC_HEADS_LIMIT heads. */
export function* encodeHeads(heads: readonly FeedHead[]): Generator<Uint8Array> {
  const bounded = heads.slice(0, FEEDS_LIMIT);
  for (let at = 0; at < bounded.length; at += SYNC_HEADS_LIMIT) {
    yield encode(
      bounded.slice(at, at + SYNC_HEADS_LIMIT).map(({ author, length, head, fork, signed }) => ({
        author,
        length,
        head,
        fork,
        signed: signed && { size: signed.size, root: signed.root, signature: signed.signature },
      })),
    );
  }
}

export function parseHeads(frame: Uint8Array): Result<readonly FeedHead[], SyncRefusal> {
  const decoded = decodeCanonical(frame);
  const parsed = decoded.ok ? headList.safeParse(decoded.value) : null;
  if (!parsed?.success) return refuse('not-heads', 'no list of heads');
  return accept(
    parsed.data.map((head) => ({ ...head, signed: head.signed && { author: head.author, ...head.signed } })),
  );
}

/** Hashes one after another; null when they are not whole. spec 11-network §4.6, §4.7 */
export function splitHashes(frame: Uint8Array): Hash[] | null {
  if (frame.length % HASH_BYTES !== 0) return null;
  return Array.from({ length: frame.length / HASH_BYTES }, (_, i) =>
    frame.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

export function encodeWitnessAnswer(answer: WitnessAnswer): Uint8Array {
  return encode(answer);
}

export function parseWitnessAnswer(frame: Uint8Array): Result<WitnessAnswer, SyncRefusal> {
  const decoded = decodeCanonical(frame);
  const parsed = decoded.ok ? witnessAnswer.safeParse(decoded.value) : null;
  return parsed?.success ? accept(parsed.data) : refuse('not-an-answer', 'no answer of a witness');
}
