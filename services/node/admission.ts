import type { MemberKey } from '../../protocols/base/ids.ts';
import { type Charter, CharterHistory } from '../../protocols/charter/index.ts';
import { peerIdOf } from '../network/index.ts';

/**
 * Whom the carriers talk to. spec 11-network §3.3: members of the charter in force; a key that was rotated until its
 * node has taken up the new one, since it may not have heard of that yet; and the neighbours that the operator has named,
 * so that a newcomer can hear of amendments at all.
 */
export class Admission {
  readonly #neighbours: ReadonlySet<string>;
  #peers: ReadonlySet<string> = new Set();
  #members: ReadonlySet<string> = new Set();

  /** @param neighbours multiaddrs that end in `/p2p/<peer id>` */
  constructor(genesis: Charter, neighbours: readonly string[]) {
    this.#neighbours = new Set(neighbours.map((address) => address.split('/p2p/').at(-1) ?? ''));
    this.take(new CharterHistory([genesis]));
  }

  /** Told when another version of the charter is in force. */
  take(history: CharterHistory): void {
    const listed = [...history.keys()].flatMap(({ listings, former }) => {
      const last = listings.at(-1);
      return last !== undefined && (former === null || former.reason === 'rotated') ? [last.member] : [];
    });
    this.#peers = new Set(listed.map(({ keys }) => keys.libp2p));
    this.#members = new Set(listed.map(({ keys }) => keys.signing));
  }

  /** @param key the did:key of its libp2p identity */
  admitsPeer(key: MemberKey): boolean {
    return this.#peers.has(key) || (this.#neighbours.size > 0 && this.#neighbours.has(peerIdOf(key)));
  }

  /** @param member the did:key of its signing key */
  admitsMember(member: string): boolean {
    return this.#members.has(member);
  }
}
