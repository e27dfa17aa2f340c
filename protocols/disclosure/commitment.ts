import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../base/bytes.ts';
import type { FederationId, MemberKey } from '../base/ids.ts';
import type { Plain } from '../base/plain.ts';
import { encode } from '../codec/codec.ts';

/** Which field of which message a commitment is about; the message's own id hangs on the commitment. */
export interface FieldContext {
  readonly federation: FederationId;
  /** Key that signs the message. */
  readonly author: MemberKey;
  readonly kind: string;
  /** JSON Pointer into the body. */
  readonly field: string;
}

/** What opens a commitment. */
export interface Opening {
  /** 32 random bytes, of this field alone. */
  readonly salt: Uint8Array;
  readonly value: Plain;
}

export const SALT_BYTES = 32;
const COMMITMENT_DOMAIN = 'analog-oversight/withheld/1';

/**
 * sha256 of the canonical list of domain, context, salt and value, in hexadecimal. Hides the value as long as the salt
 * is secret, and opens to no other value or place. spec 20-disclosure §1.2
 */
export function commitmentOf(context: FieldContext, opening: Opening): string {
  return toHex(sha256(encodeOpening(COMMITMENT_DOMAIN, context, opening)));
}

/** @throws TypeError unless the salt has 32 bytes */
export function encodeOpening(domain: string, context: FieldContext, { salt, value }: Opening): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new TypeError('a salt has 32 bytes');
  const { federation, author, kind, field } = context;
  return encode([domain, federation, author, kind, field, salt, value]);
}
