import { z } from 'zod';
import { MEMBERS_LIMIT, SYNC_HEADS_LIMIT } from '../../../protocols/base/limits.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { parseCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import type { FeedHead } from './source.ts';

const Author = z.string().refine((text) => parseDidKey('ed25519', text) !== null);
const Sequence = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const MessageId = z.string().refine((text) => parseCid(text) !== null);

/** spec 11-network §4.2: one request. `from` is included, `to` is not. */
const Request = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('heads') }),
  z.strictObject({ op: z.literal('range'), author: Author, from: Sequence, to: Sequence }),
]);
export type SyncRequest = z.infer<typeof Request>;

/** spec 11-network §4.3: one frame of heads. */
const Heads = z
  .array(z.strictObject({ author: Author, length: Sequence, head: MessageId.nullable() }))
  .max(SYNC_HEADS_LIMIT);

export type SyncRefusal = 'not-a-request' | 'not-heads';

export function encodeRequest(request: SyncRequest): Uint8Array {
  return encode(request);
}

export function parseRequest(bytes: Uint8Array): Result<SyncRequest, SyncRefusal> {
  const decoded = decodeCanonical(bytes);
  const parsed = decoded.ok ? Request.safeParse(decoded.value) : null;
  return parsed?.success ? accept(parsed.data) : refuse('not-a-request', 'no sync request');
}

/** Frames of at most SYNC_HEADS_LIMIT heads. */
export async function* encodeHeads(
  heads: Iterable<FeedHead> | AsyncIterable<FeedHead>,
): AsyncGenerator<Uint8Array> {
  let batch: FeedHead[] = [];
  let count = 0;
  for await (const { author, length, head } of heads) {
    count += 1;
    if (count > MEMBERS_LIMIT) break;
    batch.push({ author, length, head });
    if (batch.length < SYNC_HEADS_LIMIT) continue;
    yield encode(batch);
    batch = [];
  }
  if (batch.length > 0) yield encode(batch);
}

export function parseHeads(frame: Uint8Array): Result<readonly FeedHead[], SyncRefusal> {
  const decoded = decodeCanonical(frame);
  const parsed = decoded.ok ? Heads.safeParse(decoded.value) : null;
  return parsed?.success ? accept(parsed.data) : refuse('not-heads', 'no list of heads');
}
