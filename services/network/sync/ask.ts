import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import {
  FEEDS_LIMIT,
  PROOF_HASHES_LIMIT,
  SYNC_RANGE_LIMIT,
  SYNC_RANGE_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import type { Hash, WitnessAnswer } from '../../../protocols/feed/index.ts';
import { Deadline } from '../deadline.ts';
import type { PeerRef, Transport } from '../transport.ts';
import { splitEntries } from './entries.ts';
import { encodeRequest, parseHeads, parseWitnessAnswer, type SyncRequest, splitHashes } from './protocol.ts';
import type { FeedHead } from './source.ts';

/** One answer, from request to end; a peer that trickles is left after this. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A peer sent what no honest node sends. */
export class PeerGarbage extends OversightError {
  constructor(message: string) {
    super('peer-failed', message);
  }
}

/** One peer, asked by the requests of spec 11-network §4.2. Every answer is bounded, and nothing in it is verified. */
export class AskedPeer {
  readonly peer: PeerRef;
  readonly #request: Transport['request'];
  readonly #signal: AbortSignal;

  constructor(peer: PeerRef, request: Transport['request'], signal: AbortSignal) {
    this.peer = peer;
    this.#request = request;
    this.#signal = signal;
  }

  async heads(): Promise<readonly FeedHead[]> {
    const heads = new Map<MemberKey, FeedHead>();
    for await (const frame of this.#frames({ op: 'heads' })) {
      const parsed = parseHeads(frame);
      if (!parsed.ok) throw new PeerGarbage(parsed.detail);
      for (const head of parsed.value) heads.set(head.author, head);
      if (heads.size > FEEDS_LIMIT) throw new PeerGarbage('more heads than a federation has feeds');
    }
    return [...heads.values()];
  }

  /** Wires from `from` on; fewer than asked, or none, where the peer's limits or its feed end. */
  async range(author: MemberKey, from: number, to: number): Promise<Uint8Array[]> {
    const end = Math.min(to, from + SYNC_RANGE_LIMIT);
    const wires = await this.#wires({ op: 'range', author, from, to: end });
    if (wires.length > end - from) throw new PeerGarbage('more messages than were asked for');
    return wires;
  }

  evidence(author: MemberKey): Promise<Uint8Array[]> {
    return this.#wires({ op: 'evidence', author });
  }

  async #wires(request: SyncRequest): Promise<Uint8Array[]> {
    const wires: Uint8Array[] = [];
    let bytes = 0;
    for await (const frame of this.#frames(request)) {
      const entries = splitEntries(frame);
      if (entries === null) throw new PeerGarbage('a frame that is no bundle of entries');
      wires.push(...entries);
      bytes += frame.length;
      if (wires.length > SYNC_RANGE_LIMIT || bytes > SYNC_RANGE_LIMIT_BYTES)
        throw new PeerGarbage('an answer over the limits of a range');
    }
    return wires;
  }

  /** The root that the peer's chain had at this size; null when it is shorter. */
  async root(author: MemberKey, size: number): Promise<Hash | null> {
    const [root = null] = await this.#hashes({ op: 'root', author, size });
    return root;
  }

  consistency(author: MemberKey, from: number, to: number): Promise<Hash[]> {
    return this.#hashes({ op: 'consistency', author, from, to });
  }

  async #hashes(request: SyncRequest): Promise<Hash[]> {
    const hashes: Hash[] = [];
    for await (const frame of this.#frames(request)) {
      const found = splitHashes(frame);
      if (found === null || hashes.length + found.length > PROOF_HASHES_LIMIT)
        throw new PeerGarbage('an answer that is no proof');
      hashes.push(...found);
    }
    return hashes;
  }

  /** spec 11-network §4.8 */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    for await (const frame of this.#frames({ op: 'add-checkpoint', body })) {
      const parsed = parseWitnessAnswer(frame);
      if (!parsed.ok) throw new PeerGarbage(parsed.detail);
      return parsed.value;
    }
    throw new PeerGarbage('a witness that says nothing');
  }

  async *#frames(request: SyncRequest): AsyncGenerator<Uint8Array> {
    using deadline = new Deadline(REQUEST_TIMEOUT_MS, this.#signal);
    yield* this.#request(this.peer, encodeRequest(request), { signal: deadline.signal });
  }
}
