import type { MemberKey } from '../../protocols/base/ids.ts';
import { leafHash } from '../../protocols/feed/index.ts';
import { type Message, type OpenContext, openVouched } from '../../protocols/message/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { Chunk } from '../network/index.ts';

/** What a chunk is judged by; all of opening but the signature. */
export type ChunkContext = Omit<OpenContext, 'ed25519'>;

/** Null unless all are well-formed messages of this author, one after another from this sequence on. */
export function readChunk(
  author: MemberKey,
  from: number,
  wires: readonly Uint8Array[],
  context: ChunkContext,
): Chunk | null {
  const messages: Message[] = [];
  for (const [i, wire] of wires.entries()) {
    const opened = openVouched(wire, context);
    if (!opened.ok) return null;
    const message = opened.value;
    if (message.author !== author || message.sequence !== from + i) return null;
    messages.push(message);
  }
  return { messages, leaves: wires.map((wire) => leafHash(wire, nativeSha256)) };
}
