import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { memberKey, parseDidKey } from '../../../protocols/identity/did-key.ts';

/** The peer id (`12D3Koo…`) of a did:key. Both are spellings of one Ed25519 public key. */
export function peerIdOf(key: string): string {
  const raw = parseDidKey('ed25519', key);
  if (raw === null)
    throw new OversightError('argument-invalid', 'a libp2p name is a did:key of type Ed25519');
  return peerIdFromPublicKey(publicKeyFromRaw(raw)).toString();
}

/** The did:key of a peer id, or null when the text is no peer id or its key is not Ed25519. */
export function didKeyOf(peerId: string): MemberKey | null {
  try {
    const id = peerIdFromString(peerId);
    return id.type === 'Ed25519' && id.toString() === peerId ? memberKey(id.publicKey.raw) : null;
  } catch {
    return null; // not a peer id: the caller refuses the peer
  }
}
