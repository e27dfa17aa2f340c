import { byteText } from '../base/bytes.ts';
import type { MemberKey } from '../base/ids.ts';
import { MEMBERS_LIMIT } from '../base/limits.ts';
import { memberKey } from './did-key.ts';

/** `memberKey` with its answers remembered: base58 costs more than reading the envelope around the key. */
export function rememberedNames(): (signingKey: Uint8Array) => MemberKey {
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
