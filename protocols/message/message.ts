import { z } from 'zod';
import { utf8 } from '../base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../base/ids.ts';
import { KIND_LIMIT_CHARS, MESSAGE_LIMIT_BYTES } from '../base/limits.ts';
import type { PlainObject } from '../base/plain.ts';
import { CID, isDocumentCid } from '../codec/cid.ts';

/** spec 05-message §4: the signature covers these bytes followed by the payload bytes. */
export const SIGNATURE_DOMAIN = utf8('analog-oversight/message/1\n');

/**
 * The bytes that a signature covers, in one place used again and again: a new array a message costs as much as reading
 * its envelope.
 */
export class SignedBytes {
  readonly #room = new Uint8Array(SIGNATURE_DOMAIN.length + MESSAGE_LIMIT_BYTES);

  constructor() {
    this.#room.set(SIGNATURE_DOMAIN);
  }

  /** Valid until the next call. */
  of(payload: Uint8Array): Uint8Array {
    this.#room.set(payload, SIGNATURE_DOMAIN.length);
    return this.#room.subarray(0, SIGNATURE_DOMAIN.length + payload.length);
  }
}

/** A kind and its version, such as `finding/1`. spec 05-message §2.7 */
export const KIND_PATTERN = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\/[1-9][0-9]{0,3}$/;

/** spec 03-codec §5.3; the decoder reads no link of another version, hash or length. */
const documentLink = z.custom<CID>((value) => {
  const cid = CID.asCID(value);
  return cid !== null && isDocumentCid(cid);
}, 'a link to a document');

/** Taken as it is: the schema library's own records are copies that leave out a key named `__proto__`. */
const map = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype,
  'a map',
);

/** spec 05-message §2: the payload, every field authenticated. Other fields are kept and signed, their meaning unknown. */
export const payloadSchema = z.looseObject({
  v: z.literal(1),
  federation: documentLink,
  author: z.instanceof(Uint8Array).refine((bytes) => bytes.length === 32, '32 bytes'),
  sequence: z.int().min(0),
  previous: documentLink.nullable(),
  issuedAt: z.int().min(0),
  kind: z.string().max(KIND_LIMIT_CHARS).regex(KIND_PATTERN),
  body: map,
});

/** One signed, immutable statement by one member. */
export interface Message {
  readonly id: MessageId;
  readonly federation: FederationId;
  readonly author: MemberKey;
  readonly sequence: number;
  readonly previous: MessageId | null;
  /** Milliseconds since 1970 by the author's clock: a claim, not a fact. */
  readonly issuedAt: number;
  readonly kind: string;
  readonly body: PlainObject;
  /** The bytes as received: `[payload, signature]`. */
  readonly wire: Uint8Array;
}
