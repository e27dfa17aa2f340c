import type { MemberKey } from '../base/ids.ts';
import { FORK_PROOFS_LIMIT } from '../base/limits.ts';
import type { HeldFeed } from './held-feed.ts';
import { isOf, type Kept } from './kept.ts';

interface Claim {
  /** The feed whose message carries the proof, and where. */
  readonly carrier: HeldFeed;
  readonly sequence: number;
  /** The lowest sequence that it puts in doubt. */
  readonly at: number;
}

/**
 * Where feeds are put in doubt by two signed heads. A proof proves itself, so anyone may carry it; it stands while its
 * place in the carrier's own feed stands. Stops that come from proofs do not void proofs: so none can be circular.
 * spec 08-record §2.5
 */
export class ForkProofs {
  readonly #claims = new Map<MemberKey, Claim[]>();

  /** The feed that the message puts in doubt; null for other kinds. Messages of a feed come in its order. */
  add(message: Kept, carrier: HeldFeed): MemberKey | null {
    if (!isOf(message, 'fork-proof/1')) return null;
    const { feed, heads } = message.body;
    const claims = this.#claims.get(feed) ?? [];
    // spec 01-limits §27
    if (claims.filter((claim) => claim.carrier === carrier).length >= FORK_PROOFS_LIMIT) return null;
    claims.push({ carrier, sequence: message.sequence, at: heads[0].size - 1 });
    this.#claims.set(feed, claims);
    return feed;
  }

  /** The lowest sequence of this feed that a proof puts in doubt; infinity for none. */
  lowest(feed: MemberKey): number {
    const standing = (this.#claims.get(feed) ?? []).filter(
      ({ carrier, sequence }) => sequence < (carrier.ownStop?.at ?? Number.POSITIVE_INFINITY),
    );
    return Math.min(Number.POSITIVE_INFINITY, ...standing.map(({ at }) => at));
  }
}
