import { base32upper } from 'multiformats/bases/base32';
import { base58btc } from 'multiformats/bases/base58';
import * as Digest from 'multiformats/hashes/digest';
import { concatBytes, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { CID, documentCid, isContentCid, isDocumentCid, parseCid } from '../../../protocols/codec/cid.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { didKey, type KeyType, parseDidKey } from '../../../protocols/identity/did-key.ts';
import { seedOf } from '../federation.ts';
import { contentCid } from '../samples.ts';

const DOCUMENT = documentCid(utf8('a document'));

export function buildCid() {
  const digest = DOCUMENT.multihash;
  const accepted = {
    document: DOCUMENT.toString(),
    directory: contentCid('a directory'),
    'raw-file': CID.createV1(0x55, digest).toString(),
  };
  const refused = {
    empty: '',
    'version-0': CID.createV0(digest as Digest.Digest<0x12, 32>).toString(),
    base58btc: DOCUMENT.toString(base58btc),
    'upper-case': DOCUMENT.toString(base32upper),
    'last-bits-not-zero': `${DOCUMENT.toString().slice(0, -1)}${nextLetter(DOCUMENT.toString().at(-1) ?? '')}`,
    'trailing-newline': `${DOCUMENT}\n`,
    'with-path': `/ipfs/${DOCUMENT}`,
    'digest-shortened': CID.createV1(0x71, Digest.create(0x12, digest.digest.subarray(0, 31))).toString(),
    'other-hash': CID.createV1(0x71, Digest.create(0x1b, digest.digest)).toString(),
    'identity-hash': CID.createV1(0x71, Digest.create(0x00, digest.digest)).toString(),
  };
  return {
    accepted: Object.entries(accepted).map(([id, text]) => {
      const cid = parseCid(text);
      if (cid === null) throw new TypeError(`refused: ${id}`);
      const names = isDocumentCid(cid) ? 'document' : isContentCid(cid) ? 'content' : 'nothing';
      return { id, text, bytes: toHex(cid.bytes), names };
    }),
    refused: Object.entries(refused).map(([id, text]) => {
      if (parseCid(text) !== null) throw new TypeError(`accepted: ${id}`);
      return { id, text };
    }),
  };
}

function nextLetter(letter: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return alphabet[alphabet.indexOf(letter) + 1] ?? 'b';
}

export function buildDidKey() {
  const keys = publicKeys(seedOf('example-lab'));
  const signing = keys.signing;
  const raw = parseDidKey('ed25519', signing) as Uint8Array;
  const accepted: [string, KeyType, string][] = [
    ['signing', 'ed25519', signing],
    ['sealing', 'x25519', keys.sealing],
    ['publication', 'p256', keys.publication],
    [
      'ed25519-leading-zeros',
      'ed25519',
      didKey('ed25519', concatBytes(new Uint8Array(31), Uint8Array.of(2))),
    ],
  ];
  const wrongPrefix = concatBytes(Uint8Array.of(0xec, 0x01), raw);
  const refused: [string, KeyType, string][] = [
    ['empty', 'ed25519', ''],
    ['other-type', 'x25519', signing],
    ['prefix-of-x25519', 'ed25519', `did:key:${base58btc.encode(wrongPrefix)}`],
    [
      'one-byte-short',
      'ed25519',
      `did:key:${base58btc.encode(concatBytes(Uint8Array.of(0xed, 1), raw.subarray(1)))}`,
    ],
    ['leading-one', 'ed25519', signing.replace('did:key:z', 'did:key:z1')],
    ['fragment', 'ed25519', `${signing}#${signing.slice(8)}`],
    ['other-base', 'ed25519', signing.replace('did:key:z', 'did:key:u')],
    ['letter-outside-base58', 'ed25519', `${signing.slice(0, -1)}0`],
    ['trailing-space', 'ed25519', `${signing} `],
  ];
  return {
    accepted: accepted.map(([id, type, text]) => ({
      id,
      type,
      text,
      key: toHex(parseDidKey(type, text) as Uint8Array),
    })),
    refused: refused.map(([id, type, text]) => {
      if (parseDidKey(type, text) !== null) throw new TypeError(`accepted: ${id}`);
      return { id, type, text };
    }),
  };
}

export function buildDerive() {
  const seeds = { zeros: new Uint8Array(32), 'example-lab': seedOf('example-lab') };
  return {
    derived: Object.entries(seeds).map(([id, seed]) => ({
      id,
      seed: toHex(seed),
      signingSeed: toHex(deriveKey(seed, 'signing')),
      sealingSecret: toHex(deriveKey(seed, 'sealing')),
      libp2pSeed: toHex(deriveKey(seed, 'libp2p')),
      natsSeed: toHex(deriveKey(seed, 'nats')),
      publicationMaterial: toHex(deriveKey(seed, 'publication', 48)),
      publicKeys: publicKeys(seed),
    })),
  };
}
