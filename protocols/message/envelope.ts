import { utf8 } from '../base/bytes.ts';
import { KIND_LIMIT_CHARS, MESSAGE_LIMIT_BYTES } from '../base/limits.ts';
import { findNotPlain, type PlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { decodeCanonical } from '../codec/codec.ts';
import { DocumentReader } from '../codec/decode.ts';
import type { KnownKeys } from '../codec/known-keys.ts';
import { scanShape } from '../codec/scan.ts';
import { firstIssue } from './issue.ts';
import { KIND_PATTERN, payloadSchema } from './message.ts';

/** The parts of a message before anything is verified. */
export interface UnverifiedEnvelope {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** 32 bytes. */
  readonly author: Uint8Array;
  /** Bytes of a CID. */
  readonly federation: Uint8Array;
  /** Bytes of a CID. */
  readonly previous: Uint8Array | null;
  readonly sequence: number;
  readonly issuedAt: number;
  readonly kind: string;
  readonly body: PlainObject;
}

export type EnvelopeRefusal = 'too-large' | 'not-canonical' | 'envelope-invalid';

/** spec 05-message §5.1 to §5.3 */
export function parseEnvelopeUnverified(
  wire: Uint8Array,
  keys?: KnownKeys,
): Result<UnverifiedEnvelope, EnvelopeRefusal> {
  // spec 05-message §5.1
  if (wire.length > MESSAGE_LIMIT_BYTES) {
    return refuse('too-large', `${wire.length} bytes; the limit is ${MESSAGE_LIMIT_BYTES}`);
  }
  const usual = readUsualEnvelope(wire, keys);
  return usual === null ? readAnyEnvelope(wire) : accept(usual);
}

/** The judge: any fields in any form, and the reason for each refusal. */
export function readAnyEnvelope(wire: Uint8Array): Result<UnverifiedEnvelope, EnvelopeRefusal> {
  // spec 05-message §5.2
  const outer = decodeCanonical(wire);
  if (!outer.ok) return refuse('not-canonical', `wire form: ${outer.reason}`);
  const pair: unknown = outer.value;
  if (!Array.isArray(pair) || pair.length !== 2)
    return refuse('envelope-invalid', 'not [payload, signature]');
  const payload: unknown = pair[0];
  const signature: unknown = pair[1];
  if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array) || signature.length !== 64) {
    return refuse('envelope-invalid', 'not [payload bytes, 64 signature bytes]');
  }
  const inner = decodeCanonical(payload);
  if (!inner.ok) return refuse('not-canonical', `payload: ${inner.reason}`);
  // spec 05-message §5.3
  const fields = payloadSchema.safeParse(inner.value);
  if (!fields.success) return refuse('envelope-invalid', firstIssue(fields.error.issues));
  const { author, federation, sequence, previous, issuedAt, kind, body } = fields.data;
  if ((sequence === 0) !== (previous === null)) {
    return refuse('envelope-invalid', 'previous is null at sequence 0 and nowhere else');
  }
  const odd = findNotPlain(body);
  if (odd !== null)
    return refuse('envelope-invalid', `body${odd} is not null, boolean, integer, text, list or map`);
  return accept({
    payload,
    signature,
    author,
    federation: federation.bytes,
    previous: previous === null ? null : previous.bytes,
    sequence,
    issuedAt,
    kind,
    body: body as PlainObject, // findNotPlain has just said so
  });
}

/** A byte string of 64: the signature. */
const SIGNATURE_HEAD = Uint8Array.of(0x58, 64);
/** Eight fields, of which `v` is 1, in the one order that canonical keys have. spec 05-message, first example */
const BEFORE_BODY = Uint8Array.of(0xa8, 0x61, 0x76, 1, 0x64, ...utf8('body'));
const BEFORE_KIND = Uint8Array.of(0x64, ...utf8('kind'));
const BEFORE_AUTHOR = Uint8Array.of(0x66, ...utf8('author'), 0x58, 32);
const BEFORE_ISSUED_AT = Uint8Array.of(0x68, ...utf8('issuedAt'));
const BEFORE_PREVIOUS = Uint8Array.of(0x68, ...utf8('previous'));
const BEFORE_SEQUENCE = Uint8Array.of(0x68, ...utf8('sequence'));
const BEFORE_FEDERATION = Uint8Array.of(0x6a, ...utf8('federation'));
const NULL = Uint8Array.of(0xf6);
/** Tag 42 over 37 bytes of which the first is 0. spec 03-codec §1.5 */
const LINK_HEAD = Uint8Array.of(0xd8, 0x2a, 0x58, 37, 0);
/** The CID of a document: version 1, dag-cbor, sha2-256, 32 bytes. spec 03-codec §5 */
const DOCUMENT_CID_HEAD = Uint8Array.of(1, 0x71, 0x12, 32);

/**
 * What almost every message is: no field beside those of spec 05-message §2. Takes a third of the time of the judge
 * above, and says what it says; null leaves the decision, and every refusal, to it.
 */
export function readUsualEnvelope(wire: Uint8Array, keys?: KnownKeys): UnverifiedEnvelope | null {
  const parts = readPair(wire);
  if (parts === null || scanShape(parts.payload) !== null) return null;
  const { payload, signature } = parts;
  const reader = new DocumentReader(payload, keys);

  if (!reader.skip(BEFORE_BODY)) return null;
  if ((payload[reader.position] as number) >> 5 !== 5) return null; // not a map
  const body = reader.read();
  if (!reader.plain) return null;

  if (!reader.skip(BEFORE_KIND)) return null;
  const kind = reader.read();
  if (typeof kind !== 'string' || kind.length > KIND_LIMIT_CHARS || !KIND_PATTERN.test(kind)) return null;

  if (!reader.skip(BEFORE_AUTHOR)) return null;
  const author = reader.take(32);

  if (!reader.skip(BEFORE_ISSUED_AT)) return null;
  const issuedAt = reader.read();

  if (!reader.skip(BEFORE_PREVIOUS)) return null;
  const previous = reader.skip(NULL) ? null : readDocumentLink(reader);
  if (previous === undefined) return null;

  if (!reader.skip(BEFORE_SEQUENCE)) return null;
  const sequence = reader.read();
  if (!isNatural(issuedAt) || !isNatural(sequence) || (sequence === 0) !== (previous === null)) return null;

  if (!reader.skip(BEFORE_FEDERATION)) return null;
  const federation = readDocumentLink(reader);
  if (federation === undefined || reader.fault !== null) return null;

  return {
    payload,
    signature,
    author,
    federation,
    previous,
    sequence,
    issuedAt,
    kind,
    body: body as PlainObject,
  };
}

/** Views of the payload and the signature, where the payload is from 24 bytes to 64 KiB. */
function readPair(wire: Uint8Array): Pick<UnverifiedEnvelope, 'payload' | 'signature'> | null {
  const reader = new DocumentReader(wire);
  const [list, head, high = 0, low = 0] = wire;
  if (list !== 0x82) return null;
  const length = head === 0x58 ? high : high * 256 + low;
  // spec 03-codec §1.1
  if (!(head === 0x58 && length >= 24) && !(head === 0x59 && length >= 256)) return null;
  const start = head === 0x58 ? 3 : 4;
  if (wire.length !== start + length + SIGNATURE_HEAD.length + 64) return null;
  reader.take(start);
  const payload = reader.take(length);
  return reader.skip(SIGNATURE_HEAD) ? { payload, signature: reader.take(64) } : null;
}

/** The 36 bytes of the CID; undefined where something else stands. */
function readDocumentLink(reader: DocumentReader): Uint8Array | undefined {
  if (!reader.skip(LINK_HEAD)) return undefined;
  const cid = reader.take(36);
  return DOCUMENT_CID_HEAD.every((byte, i) => cid[i] === byte) ? cid : undefined;
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value);
}
