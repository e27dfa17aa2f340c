import { sha256 } from '@noble/hashes/sha2.js';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';

const DAG_CBOR = 0x71;
const RAW = 0x55;
const DAG_PB = 0x70;
const SHA2_256 = 0x12;

/** A sha2-256 function. The default is pure; a node passes its native one. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** CIDv1 of a canonical document. spec 03-codec §4. */
export function documentCid(bytes: Uint8Array, hash: Sha256 = sha256): CID {
  return CID.createV1(DAG_CBOR, Digest.create(SHA2_256, hash(bytes)));
}

/**
 * Parses the text form of a CID: version 1, base32, sha2-256. One CID has one spelling. spec 03-codec §5.
 * Returns null for everything else.
 */
export function parseCid(text: string): CID | null {
  if (!/^b[a-z2-7]{58}$/.test(text)) return null;
  try {
    const cid = CID.parse(text);
    if (cid.version !== 1 || cid.multihash.code !== SHA2_256 || cid.multihash.digest.length !== 32)
      return null;
    return cid.toString() === text ? cid : null;
  } catch {
    return null; // base32 that is not a CID; the caller refuses with its own code
  }
}

export function isDocumentCid(cid: CID): boolean {
  return cid.code === DAG_CBOR;
}

/** True for what a UnixFS file or directory can have as its root. */
export function isContentCid(cid: CID): boolean {
  return cid.code === DAG_PB || cid.code === RAW;
}

export { CID };
