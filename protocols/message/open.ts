import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../base/ids.ts';
import type { PlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { cidText, documentName, type Sha256 } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import type { KnownKeys } from '../codec/known-keys.ts';
import { memberKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { verifyStrict } from '../identity/strict.ts';
import { type EnvelopeRefusal, parseEnvelopeUnverified, type UnverifiedEnvelope } from './envelope.ts';
import { type Message, SIGNATURE_DOMAIN, type SignedBytes } from './message.ts';

/** Why bytes are not a message. spec 05-message §5 lists them in the order of the checks. */
export const OPEN_REFUSALS = [
  'too-large',
  'not-canonical',
  'envelope-invalid',
  'signature-invalid',
  'wrong-federation',
  'body-invalid',
] as const;
export type OpenRefusal = (typeof OPEN_REFUSALS)[number];

/** Judges a body by its kind and who says it; unknown kinds pass. Returns what is wrong, or null. */
export type BodyCheck = (kind: string, body: PlainObject, author: MemberKey) => string | null;

/** What makes reading cheaper, and changes nothing that is read. */
export interface ReadAids {
  /** The platform's sha2-256, where faster than the pure one. */
  readonly sha256?: Sha256;
  /** Keys of bodies, where many messages are read. */
  readonly keys?: KnownKeys;
  /** The name of a signing key, where the members' names are at hand. */
  readonly memberKey?: (signingKey: Uint8Array) => MemberKey;
}

export interface OpenContext extends ReadAids {
  readonly federation: FederationId;
  readonly ed25519: Ed25519;
  readonly checkBody: BodyCheck;
  /** Room for what a signature covers, where many messages are opened. */
  readonly signedBytes?: SignedBytes;
}

/** From bytes to a message whose signature holds. Says nothing about the authority of its author. spec 05-message §5 */
export function open(wire: Uint8Array, context: OpenContext): Result<Message, OpenRefusal> {
  const parsed = parseUnverified(wire, context);
  if (!parsed.ok) return parsed;
  const { message, envelope } = parsed.value;
  const { payload, signature, author } = envelope;
  // spec 05-message §5.4
  const signed = context.signedBytes?.of(payload) ?? concatBytes(SIGNATURE_DOMAIN, payload);
  if (!verifyStrict(context.ed25519, author, signature, signed)) {
    return refuse('signature-invalid', 'the signature does not verify under the strict rule');
  }
  return judgeContent(message, context);
}

/**
 * All of `open` but the signature: for a message that its author's signed head vouches for. spec 11-network §4.9
 */
export function openVouched(
  wire: Uint8Array,
  context: Omit<OpenContext, 'ed25519'>,
): Result<Message, Exclude<OpenRefusal, 'signature-invalid'>> {
  const parsed = parseUnverified(wire, context);
  return parsed.ok ? judgeContent(parsed.value.message, context) : parsed;
}

function judgeContent(
  message: Message,
  { federation, checkBody }: Pick<OpenContext, 'federation' | 'checkBody'>,
): Result<Message, 'wrong-federation' | 'body-invalid'> {
  // spec 05-message §5.5
  if (message.federation !== federation) {
    return refuse('wrong-federation', `the message belongs to ${message.federation}`);
  }
  // spec 05-message §5.6
  const fault = checkBody(message.kind, message.body, message.author);
  return fault === null ? accept(message) : refuse('body-invalid', fault);
}

/**
 * Reads a message that this node opened before it stored it. Checks form, not signature.
 * @throws TypeError when the bytes do not parse, which means the store is damaged.
 */
export function readStored(wire: Uint8Array, hash: Sha256 = sha256, nameOf = memberKey): Message {
  const parsed = parseUnverified(wire, { sha256: hash, memberKey: nameOf });
  if (!parsed.ok) throw new TypeError(`stored message does not parse: ${parsed.reason}`);
  return parsed.value.message;
}

/**
 * What every receiver would refuse about a payload, whoever signs it; null when nothing. An author asks before it
 * reserves: a reserved payload that nobody opens would end its feed. spec 05-message §6
 */
export function faultOfPayload(payload: Uint8Array): string | null {
  const parsed = parseUnverified(encode([payload, new Uint8Array(64)]));
  return parsed.ok ? null : parsed.detail;
}

interface ParsedUnverified {
  readonly message: Message;
  readonly envelope: UnverifiedEnvelope;
}

function parseUnverified(
  wire: Uint8Array,
  { sha256: hash = sha256, memberKey: nameOf = memberKey, keys }: ReadAids = {},
): Result<ParsedUnverified, EnvelopeRefusal> {
  const parsed = parseEnvelopeUnverified(wire, keys);
  if (!parsed.ok) return parsed;
  const { payload, author, federation, previous, sequence, issuedAt, kind, body } = parsed.value;
  const message: Message = {
    id: documentName(payload, hash) as MessageId,
    federation: cidText(federation) as FederationId,
    author: nameOf(author),
    sequence,
    previous: previous === null ? null : (cidText(previous) as MessageId),
    issuedAt,
    kind,
    body,
    wire,
  };
  return accept({ message, envelope: parsed.value });
}
