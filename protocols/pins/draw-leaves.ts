import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8 } from '../base/bytes.ts';

const DOMAIN = utf8('analog-oversight/pin-check/1\n');

/**
 * The numbers of the leaves that a seed asks for, in the order in which they are asked; no number twice.
 * spec 19-pins §2.3
 * @param seed 32 bytes @param leaves of the checkpoint, from 1 @param asked at most `leaves`
 */
export function drawLeaves(seed: Uint8Array, leaves: number, asked: number): number[] {
  if (asked > leaves) throw new RangeError(`${asked} of ${leaves} leaves`);
  const drawn = new Set<number>();
  for (let counter = 0; drawn.size < asked; counter++) drawn.add(numberAt(seed, counter, leaves));
  return [...drawn];
}

function numberAt(seed: Uint8Array, counter: number, leaves: number): number {
  const suffix = new Uint8Array(4);
  new DataView(suffix.buffer).setUint32(0, counter);
  const digest = sha256(concatBytes(DOMAIN, seed, suffix));
  const number = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
  return Number(number % BigInt(leaves));
}
