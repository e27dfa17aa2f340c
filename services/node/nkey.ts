import { base32upper } from 'multiformats/bases/base32';
import { concatBytes, utf8 } from '../../protocols/base/bytes.ts';
import { OversightError } from '../../protocols/base/errors.ts';
import { parseDidKey } from '../../protocols/identity/did-key.ts';

/** Prefix bytes of NATS nkeys: `S` for a seed, `U` for a user. github.com/nats-io/nkeys, `strkey.go` */
const SEED = 18 << 3;
const USER = 20 << 3;

/** The text form of a user's seed, `SU…`, as UTF-8. @param seed 32 bytes, Ed25519 */
export function nkeyUserSeed(seed: Uint8Array): Uint8Array {
  return utf8(withChecksum(Uint8Array.of(SEED | (USER >> 5), (USER & 31) << 3), seed));
}

/** The text form of a user's public key, `U…`, as a NATS server's configuration names it. @param key 32 bytes */
function nkeyUserPublic(key: Uint8Array): string {
  return withChecksum(Uint8Array.of(USER), key);
}

/** The NATS user, `U…`, of a member. @param key the did:key that its charter entry names for NATS */
export function natsUserOf(key: string): string {
  const raw = parseDidKey('ed25519', key);
  if (raw === null) throw new OversightError('argument-invalid', 'a NATS key is a did:key of type Ed25519');
  return nkeyUserPublic(raw);
}

function withChecksum(prefix: Uint8Array, key: Uint8Array): string {
  const body = concatBytes(prefix, key);
  const crc = crc16(body);
  return base32upper.baseEncode(concatBytes(body, Uint8Array.of(crc & 0xff, crc >> 8)));
}

/** CRC-16/XMODEM: polynomial 0x1021, start 0. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc;
}
