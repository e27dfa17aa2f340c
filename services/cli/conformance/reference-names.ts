import { z } from 'zod';
import { toHex } from '../../../protocols/base/bytes.ts';
import { documentCid, isContentCid, isDocumentCid, parseCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { didKey, parseDidKey } from '../../../protocols/identity/did-key.ts';
import type { Ed25519 } from '../../../protocols/identity/ed25519.ts';
import { isAcceptableSigningKey, verifyStrict } from '../../../protocols/identity/strict.ts';
import { fromDagJson, toDagJson } from './dag-json.ts';
import { bytes, type Operations, operation } from './operation.ts';

const text = z.string();
const keyType = z.enum(['ed25519', 'x25519', 'p256']);

/** Documents, names, keys and signatures: 03-codec and 04-identity. */
export function nameOperations(ed25519: Ed25519): Operations {
  return {
    'codec.decode': operation(z.object({ bytes }), (input) => {
      const decoded = decodeCanonical(input.bytes);
      if (!decoded.ok) return { refused: decoded.reason };
      return { value: toDagJson(decoded.value), cid: documentCid(input.bytes).toString() };
    }),
    'codec.encode': operation(z.object({ value: z.unknown() }), ({ value }) => {
      const encoded = encode(fromDagJson(value));
      return { bytes: toHex(encoded), cid: documentCid(encoded).toString() };
    }),
    'cid.parse': operation(z.object({ text }), (input) => {
      const cid = parseCid(input.text);
      if (cid === null) return { refused: null };
      const names = isDocumentCid(cid) ? 'document' : isContentCid(cid) ? 'content' : null;
      return { bytes: toHex(cid.bytes), names };
    }),
    'did-key.parse': operation(z.object({ type: keyType, text }), (input) => {
      const key = parseDidKey(input.type, input.text);
      return key === null ? { refused: null } : { key: toHex(key) };
    }),
    'did-key.format': operation(z.object({ type: keyType, key: bytes }), ({ type, key }) => ({
      text: didKey(type, key),
    })),
    'identity.derive': operation(z.object({ seed: bytes }), ({ seed }) => ({
      signingSeed: toHex(deriveKey(seed, 'signing')),
      sealingSecret: toHex(deriveKey(seed, 'sealing')),
      libp2pSeed: toHex(deriveKey(seed, 'libp2p')),
      natsSeed: toHex(deriveKey(seed, 'nats')),
      publicationMaterial: toHex(deriveKey(seed, 'publication', 48)),
      publicKeys: publicKeys(seed),
    })),
    'ed25519.verify': operation(
      z.object({ publicKey: bytes, signature: bytes, message: bytes }),
      ({ publicKey, signature, message }) => ({
        accepted: verifyStrict(ed25519, publicKey, signature, message),
        keyAcceptable: ed25519.isAcceptableKey?.(publicKey) ?? isAcceptableSigningKey(publicKey),
      }),
    ),
  };
}
