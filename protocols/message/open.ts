import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../base/ids.ts';
import { MESSAGE_LIMIT_BYTES } from '../base/limits.ts';
import { findNotPlain, type PlainObject } from '../base/plain.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { cidText, documentName, type Sha256 } from '../codec/cid.ts';
import { decodeCanonical, encode } from '../codec/codec.ts';
import { memberKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { verifyStrict } from '../identity/strict.ts';
import { type Message, payloadSchema, SIGNATURE_DOMAIN } from './message.ts';

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

/** Judges a body by its kind; unknown kinds pass. Returns what is wrong, or null. */
export type BodyCheck = (kind: string, body: PlainObject) => string | null;

export interface OpenContext {
  readonly federation: FederationId;
  readonly ed25519: Ed25519;
  readonly checkBody: BodyCheck;
  /** The platform's sha2-256, where faster than the pure one. */
  readonly sha256?: Sha256;
  /** The name of a signing key, where the members' names are at hand. */
  readonly memberKey?: (signingKey: Uint8Array) => MemberKey;
}

/** From bytes to a message whose signature holds. Says nothing about the authority of its author. spec 05-message §5 */
export function open(wire: Uint8Array, context: OpenContext): Result<Message, OpenRefusal> {
  const parsed = parseUnverified(wire, context.sha256, context.memberKey);
  if (!parsed.ok) return parsed;
  const { message, payload, signature, author } = parsed.value;
  // spec 05-message §5.4
  if (!verifyStrict(context.ed25519, author, signature, concatBytes(SIGNATURE_DOMAIN, payload))) {
    return refuse('signature-invalid', 'the signature does not verify under the strict rule');
  }
  // spec 05-message §5.5
  if (message.federation !== context.federation) {
    return refuse('wrong-federation', `the message belongs to ${message.federation}`);
  }
  // spec 05-message §5.6
  const fault = context.checkBody(message.kind, message.body);
  if (fault !== null) return refuse('body-invalid', fault);
  return accept(message);
}

/**
 * Reads a message that this node opened before it stored it. Checks form, not signature.
 * @throws TypeError when the bytes do not parse, which means the store is damaged.
 */
export function readStored(wire: Uint8Array, hash?: Sha256): Message {
  const parsed = parseUnverified(wire, hash);
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
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly author: Uint8Array;
}

function parseUnverified(
  wire: Uint8Array,
  hash: Sha256 = sha256,
  nameOf: (signingKey: Uint8Array) => MemberKey = memberKey,
): Result<ParsedUnverified, 'too-large' | 'not-canonical' | 'envelope-invalid'> {
  // spec 05-message §5.1
  if (wire.length > MESSAGE_LIMIT_BYTES) {
    return refuse('too-large', `${wire.length} bytes; the limit is ${MESSAGE_LIMIT_BYTES}`);
  }
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
  const message: Message = {
    id: documentName(payload, hash) as MessageId,
    federation: cidText(federation) as FederationId,
    author: nameOf(author),
    sequence,
    previous: previous === null ? null : (cidText(previous) as MessageId),
    issuedAt,
    kind,
    body: body as PlainObject, // findNotPlain has just said so
    wire,
  };
  return accept({ message, payload, signature, author });
}

export function firstIssue(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const issue = issues[0];
  return issue === undefined ? 'invalid' : `${issue.path.map(String).join('.') || 'value'}: ${issue.message}`;
}
