import { sha256 } from '@noble/hashes/sha2.js';
import { base32 } from 'multiformats/bases/base32';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { byteText, utf8 } from '../base/bytes.ts';

const DAG_CBOR = 0x71;
const RAW = 0x55;
const DAG_PB = 0x70;
const SHA2_256 = 0x12;
/** Version 1, dag-cbor, sha2-256, 32 bytes: what stands before the digest. spec 03-codec §4 */
const NAME_HEAD = Uint8Array.of(1, DAG_CBOR, SHA2_256, 32);

/** A sha2-256 function. The default is pure; a node passes its native one. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** CIDv1 of a canonical document. spec 03-codec §4. */
export function documentCid(bytes: Uint8Array, hash: Sha256 = sha256): CID {
  return CID.createV1(DAG_CBOR, Digest.create(SHA2_256, hash(bytes)));
}

/** The text of `documentCid`, without the object in between. */
export function documentName(bytes: Uint8Array, hash: Sha256 = sha256): string {
  const cid = new Uint8Array(NAME_HEAD.length + 32);
  cid.set(NAME_HEAD);
  cid.set(hash(bytes), NAME_HEAD.length);
  return base32Text(cid);
}

/** The text of the bytes of a CID of version 1. The `toString` of a CID keeps each text in a weak map, which the collector pays for. */
export function cidText(bytes: Uint8Array): string {
  return base32Text(bytes);
}

const BASE32 = utf8('abcdefghijklmnopqrstuvwxyz234567');

/** RFC 4648 base32 with its multibase prefix. Made in one piece: appending leaves a string of as many parts as letters. */
function base32Text(bytes: Uint8Array): string {
  const text = new Uint8Array(1 + Math.ceil((bytes.length * 8) / 5));
  text[0] = 0x62; // b
  let at = 1;
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text[at++] = BASE32[(pending >> (bits - 5)) & 31] as number;
  }
  if (bits > 0) text[at] = BASE32[(pending << (5 - bits)) & 31] as number;
  return byteText(text);
}

/**
 * Parses the text form of a CID: version 1, base32, sha2-256. One CID has one spelling. spec 03-codec §5.
 * Returns null for everything else.
 */
export function parseCid(text: string): CID | null {
  if (!/^b[a-z2-7]{58}$/.test(text)) return null;
  let bytes: Uint8Array;
  try {
    bytes = base32.decode(text);
  } catch {
    return null; // the unused bits are not zero; the caller refuses with its own code
  }
  return readCid(bytes);
}

/**
 * The CID that 36 bytes are: version 1, a codec of one byte, sha2-256. Null for everything else.
 * Its parts are copies: a view on a small array costs more than the bytes (V8 moves the array off its heap).
 */
export function readCid(bytes: Uint8Array): CID | null {
  const [version, codec = 0, hash, length] = bytes;
  if (bytes.length !== 36 || version !== 1 || codec > 0x7f || hash !== SHA2_256 || length !== 32) return null;
  const digest = new Digest.Digest(SHA2_256, 32, bytes.slice(4), bytes.slice(2));
  return new CID(1, codec, digest, bytes);
}

/** spec 03-codec §5, read off the text: making the object to ask it costs twenty times as much, and bodies are full of names. */
export function isDocumentCidText(text: string): boolean {
  return /^bafyrei[a-h][a-z2-7]{50}[aeimquy4]$/.test(text);
}

/** `isContentCid` of a text. */
export function isContentCidText(text: string): boolean {
  return /^baf(?:ybei|krei)[a-h][a-z2-7]{50}[aeimquy4]$/.test(text);
}

export function isDocumentCid(cid: CID): boolean {
  return cid.code === DAG_CBOR;
}

/** True for what a UnixFS file or directory can have as its root. */
export function isContentCid(cid: CID): boolean {
  return cid.code === DAG_PB || cid.code === RAW;
}

export { CID };
