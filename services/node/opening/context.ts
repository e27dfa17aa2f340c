import { byteText } from '../../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import { MEMBERS_LIMIT } from '../../../protocols/base/limits.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { type OpenContext, SignedBytes } from '../../../protocols/message/index.ts';
import { bodyCheckOf } from '../../../protocols/record/index.ts';
import { nativeEd25519, nativeSha256 } from '../../keys/index.ts';

/** What messages of this federation are opened with, in every thread. */
export function openingContext(federation: FederationId): OpenContext {
  const ed25519 = nativeEd25519();
  return {
    federation,
    ed25519,
    sha256: nativeSha256,
    signedBytes: new SignedBytes(),
    checkBody: bodyCheckOf({ federation, ed25519 }),
    memberKey: rememberedNames(),
  };
}

/** `memberKey` with its answers remembered: base58 costs more than reading the envelope around the key. */
function rememberedNames(): (signingKey: Uint8Array) => MemberKey {
  const names = new Map<string, MemberKey>();
  return (signingKey) => {
    const key = byteText(signingKey);
    const known = names.get(key);
    if (known !== undefined) return known;
    // strangers' keys can fill it; members' come back
    if (names.size >= MEMBERS_LIMIT) names.clear();
    const name = memberKey(signingKey);
    names.set(key, name);
    return name;
  };
}
