import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { type Hash, type Head, type MerkleTree, signHead } from '../../protocols/feed/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import { type Message, readStored, type Signer } from '../../protocols/message/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { OwnFeed } from '../witness/index.ts';

/** Messages looked at in one go, when the last that is no `cosignatures/1` is searched for. */
const PAGE = 256;
const COSIGNATURES = 'cosignatures/1';

export interface OwnFeedSources {
  readonly federation: FederationId;
  readonly signer: Signer;
  /** Of our own chain. */
  tree(): MerkleTree | null;
  /** Of our own chain, from a start. */
  wires(from: number, to: number): readonly Uint8Array[];
}

/** This node's feed, as witnesses are shown it. spec 14-witnesses §4.1 */
export class ShownFeed implements OwnFeed {
  readonly key: MemberKey;
  readonly #sources: OwnFeedSources;
  /** Messages up to and with the last that is no `cosignatures/1`. */
  #significant: number;
  #head: Head | null = null;

  constructor(sources: OwnFeedSources) {
    this.#sources = sources;
    this.key = memberKey(sources.signer.publicKey);
    this.#significant = this.#search();
  }

  /** @returns whether there is something new to witness */
  take({ author, sequence, kind }: Pick<Message, 'author' | 'sequence' | 'kind'>): boolean {
    if (author !== this.key || kind === COSIGNATURES || sequence < this.#significant) return false;
    this.#significant = sequence + 1;
    return true;
  }

  size(): number {
    return this.#sources.tree()?.size ?? 0;
  }

  head(): Head | null {
    const tree = this.#sources.tree();
    const size = this.#significant;
    if (tree === null || size === 0 || size > tree.size) return null;
    if (this.#head?.size !== size) {
      const { federation, signer } = this.#sources;
      this.#head = signHead(federation, { size, root: tree.root(size) }, signer);
    }
    return this.#head;
  }

  consistency(from: number, to: number): readonly Hash[] {
    return this.#sources.tree()?.consistencyProof(from, to) ?? [];
  }

  #search(): number {
    for (let end = this.size(); end > 0; end -= PAGE) {
      const wires = this.#sources.wires(Math.max(0, end - PAGE), end);
      const last = wires.findLastIndex((wire) => readStored(wire, nativeSha256).kind !== COSIGNATURES);
      if (last >= 0) return Math.max(0, end - PAGE) + last + 1;
    }
    return 0;
  }
}
