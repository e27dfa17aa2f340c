import type { MessageId } from '../../protocols/base/ids.ts';
import { documentName } from '../../protocols/codec/cid.ts';
import { decodeCanonical } from '../../protocols/codec/codec.ts';
import { nativeHash } from './native-hash.ts';

/** Base32 characters that make a tag: 50 bits, which a number holds exactly. */
const TAG_CHARS = 10;

/**
 * A number that stands for a message id in an index a quarter of the size. Two ids may share one, so what an index finds
 * is compared by `idOfWire`.
 */
export function tagOf(id: MessageId): number {
  let tag = 0;
  // the end of the text: its last character holds fewer bits, so it is left out
  for (let i = id.length - 1 - TAG_CHARS; i < id.length - 1; i++) {
    const code = id.charCodeAt(i);
    tag = tag * 32 + (code >= 0x61 ? code - 0x61 : code - 0x18);
  }
  return tag;
}

/** The id of a stored message. @throws TypeError when the bytes are no message: the store is damaged */
export function idOfWire(wire: Uint8Array): MessageId {
  const decoded = decodeCanonical(wire);
  const payload: unknown = decoded.ok && Array.isArray(decoded.value) ? decoded.value[0] : null;
  if (!(payload instanceof Uint8Array)) throw new TypeError('stored bytes are no message');
  return documentName(payload, nativeHash) as MessageId;
}
