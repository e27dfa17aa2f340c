import { createRequire } from 'node:module';
import { bytesOf, fromHex } from '../../protocols/base/bytes.ts';
import type { Ed25519 } from '../../protocols/identity/ed25519.ts';

/** Of `sodium-native`, in the order of its arguments. */
type VerifyDetached = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** RFC 8032 §7.1, test 2: what an addon must know before its word counts. */
const KNOWN = {
  publicKey: fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  message: bytesOf('r'),
  signature: fromHex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ),
};

let loaded: Ed25519['verify'] | null | undefined;

/**
 * libsodium's verification, which takes about six tenths of the time of Node's (`npm run bench:feeds`). Null where the
 * optional package or an addon for this platform is missing. Loaded once a thread, in some 20 ms.
 */
export function libsodiumVerify(): Ed25519['verify'] | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

function load(): Ed25519['verify'] | null {
  try {
    const addon: { crypto_sign_verify_detached: VerifyDetached } = createRequire(import.meta.url)(
      'sodium-native',
    );
    const check = addon.crypto_sign_verify_detached;
    const verify: Ed25519['verify'] = (publicKey, signature, message) => check(signature, message, publicKey);
    const { publicKey, signature, message } = KNOWN;
    const isSound = verify(publicKey, signature, message) && !verify(publicKey, signature, bytesOf('s'));
    return isSound ? verify : null;
  } catch {
    return null; // not installed, or not for this platform
  }
}
