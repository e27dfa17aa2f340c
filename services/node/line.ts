import { claimedAuthor } from '../../protocols/message/claimed-author.ts';
import type { PeerRef } from '../network/index.ts';
import type { Authority } from './authority.ts';

/** The line in which gossip waits: that of the member it says it is by, and else that of the peer who sent it. */
export function lineOf(authority: Pick<Authority, 'admits'>, wire: Uint8Array, from: PeerRef): string {
  const author = claimedAuthor(wire);
  return author !== null && authority.admits(author) ? author : `${from.transport}/${from.id}`;
}
