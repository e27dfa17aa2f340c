import { CID } from 'multiformats/cid';
import { concatBytes } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { contentId, parseContentId } from '../block.ts';
import { bytesHead, numberField, ProtobufError, readFields, varintOf } from './protobuf.ts';

/** https://specs.ipfs.tech/bitswap-protocol/#bitswap-1-2-0. Field numbers below are those of its Message. */
export const BITSWAP_PROTOCOL = '/ipfs/bitswap/1.2.0';

/** We ask for nothing, so what peers send are lists of wants: a thousand of them are 60 KB. */
export const MESSAGE_LIMIT_BYTES = 262_144;
/** CIDv1 with a hash of at most 64 bytes. */
const CID_LIMIT_BYTES = 80;

export interface Want {
  /** Null for a CID of a kind that we never have. */
  readonly cid: ContentId | null;
  readonly cidBytes: Uint8Array;
  readonly type: 'block' | 'have' | 'cancel';
  readonly sendDontHave: boolean;
}

export interface Wants {
  /** They replace all that the peer wanted before. */
  readonly full: boolean;
  readonly wants: readonly Want[];
}

/** @throws ProtobufError */
export function decodeWants(message: Uint8Array): Wants {
  let full = false;
  const wants: Want[] = [];
  for (const field of readFields(message)) {
    if (field.number !== 1 || field.bytes === null) continue; // blocks that nobody asked for
    for (const { number, bytes, value } of readFields(field.bytes)) {
      if (number === 1 && bytes !== null) wants.push(decodeWant(bytes));
      if (number === 2) full = value === 1;
    }
  }
  return { full, wants };
}

function decodeWant(entry: Uint8Array): Want {
  let cidBytes = new Uint8Array();
  let isCancel = false;
  let wantsHave = false;
  let sendDontHave = false;
  for (const { number, bytes, value } of readFields(entry)) {
    if (number === 1 && bytes !== null) cidBytes = Uint8Array.from(bytes);
    if (number === 3) isCancel = value === 1;
    if (number === 4) wantsHave = value === 1;
    if (number === 5) sendDontHave = value === 1;
  }
  if (cidBytes.length > CID_LIMIT_BYTES) throw new ProtobufError(`a CID of ${cidBytes.length} bytes`);
  const type = isCancel ? 'cancel' : wantsHave ? 'have' : 'block';
  return { cid: decodeCid(cidBytes), cidBytes, type, sendDontHave };
}

function decodeCid(bytes: Uint8Array): ContentId | null {
  try {
    return parseContentId(contentId(CID.decode(bytes)));
  } catch {
    return null; // bytes of a peer that are no CID; we do not have it
  }
}

export type Answer =
  | { readonly type: 'block'; readonly cidBytes: Uint8Array; readonly bytes: Uint8Array }
  | { readonly type: 'have' | 'dont-have'; readonly cidBytes: Uint8Array };

/** A message of one answer with its length before it, in two parts: the second are the block's own bytes. */
export function encodeAnswer(answer: Answer): readonly [head: Uint8Array, rest: Uint8Array] {
  if (answer.type === 'block') {
    const { bytes } = answer;
    const prefix = answer.cidBytes.subarray(0, -32); // version, codec, hash and its length: all but the digest
    const prefixField = concatBytes(Uint8Array.from(bytesHead(1, prefix.length)), prefix);
    const dataHead = Uint8Array.from(bytesHead(2, bytes.length));
    const block = concatBytes(prefixField, dataHead);
    const payload = concatBytes(Uint8Array.from(bytesHead(3, block.length + bytes.length)), block);
    return [concatBytes(Uint8Array.from(varintOf(payload.length + bytes.length)), payload), bytes];
  }
  const cid = concatBytes(Uint8Array.from(bytesHead(1, answer.cidBytes.length)), answer.cidBytes);
  const presence = concatBytes(cid, Uint8Array.from(numberField(2, answer.type === 'have' ? 0 : 1)));
  const message = concatBytes(Uint8Array.from(bytesHead(4, presence.length)), presence);
  return [concatBytes(Uint8Array.from(varintOf(message.length)), message), new Uint8Array()];
}

/**
 * Messages of a stream, each with its length before it as an unsigned varint. A longer one is refused by its length.
 * @throws ProtobufError
 */
export async function* readMessages(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  let digits = 0;
  let message: Uint8Array | null = null;
  let have = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      if (message === null) {
        const byte = chunk[at++] as number;
        length += (byte & 0x7f) * 2 ** (7 * digits++);
        if (length > limitBytes || digits > 4)
          throw new ProtobufError(`a message of ${length} bytes or more`);
        if (byte >= 0x80) continue;
        message = new Uint8Array(length);
      }
      const taken = Math.min(chunk.length - at, message.length - have);
      message.set(chunk.subarray(at, at + taken), have);
      at += taken;
      have += taken;
      if (have < message.length) continue;
      yield message;
      message = null;
      [length, digits, have] = [0, 0, 0];
    }
  }
}
