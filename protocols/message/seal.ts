import { concatBytes } from '../base/bytes.ts';
import type { FederationId, MessageId } from '../base/ids.ts';
import type { PlainObject } from '../base/plain.ts';
import { CID, documentCid } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import { memberKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type Message, SIGNATURE_DOMAIN } from './message.ts';

/** What the author decides; the rest of a message follows from it. */
export interface Draft {
  readonly federation: FederationId;
  readonly sequence: number;
  readonly previous: MessageId | null;
  readonly issuedAt: number;
  readonly kind: string;
  readonly body: PlainObject;
}

export interface Signer {
  /** 32 bytes: the derived signing seed, not the node's seed. */
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly ed25519: Ed25519;
}

/** The canonical payload of a draft: what a node reserves durably before it signs. spec 05-message §6 */
export function encodePayload(draft: Draft, publicKey: Uint8Array): Uint8Array {
  return encode({
    v: 1,
    federation: CID.parse(draft.federation),
    author: publicKey,
    sequence: draft.sequence,
    previous: draft.previous === null ? null : CID.parse(draft.previous),
    issuedAt: draft.issuedAt,
    kind: draft.kind,
    body: draft.body,
  });
}

/** The wire form of a payload. Ed25519 is deterministic: signing a reserved payload again gives the same message. */
export function signPayload(payload: Uint8Array, signer: Signer): Uint8Array {
  return encode([payload, signer.ed25519.sign(signer.seed, concatBytes(SIGNATURE_DOMAIN, payload))]);
}

/** Encodes and signs in one go, for authors whose feed is not at risk (tests, tools). */
export function seal(draft: Draft, signer: Signer): Message {
  const payload = encodePayload(draft, signer.publicKey);
  return {
    ...draft,
    id: documentCid(payload).toString() as MessageId,
    author: memberKey(signer.publicKey),
    wire: signPayload(payload, signer),
  };
}
