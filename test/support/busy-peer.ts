import { setTimeout as delay } from 'node:timers/promises';
import type { PeerRef } from '../../services/network/index.ts';
import { encodeRequest, parseRequest, type SyncRequest } from '../../services/network/sync/protocol.ts';
import { serveSync } from '../../services/network/sync/serve.ts';
import type { FeedNode } from './feed-node.ts';
import { pickBelow } from './seed.ts';

const ASKER: PeerRef = { transport: 'memory', id: 'asker' };
/** Of what is asked, so much at most is answered: more answers, and more of them at once. */
const RANGE = 12;
const PAUSE_MS = 3;

/** An honest peer that answers late, and with less than was asked. */
export class BusyPeer {
  readonly #node: FeedNode;
  readonly #random: () => number;
  #asking = 0;
  /** Ranges asked for at once, at most. */
  mostAsked = 0;

  constructor(node: FeedNode, random: () => number) {
    this.#node = node;
    this.#random = random;
  }

  async *request(
    _: PeerRef,
    bytes: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    const parsed = parseRequest(bytes);
    if (!parsed.ok) throw new TypeError(parsed.detail);
    const asked = parsed.value;
    if (asked.op !== 'range') yield* this.#answer(asked, options);
    else {
      this.#asking += 1;
      this.mostAsked = Math.max(this.mostAsked, this.#asking);
      const to = Math.min(asked.to, asked.from + 1 + pickBelow(this.#random, RANGE));
      try {
        yield* this.#answer({ ...asked, to }, options);
      } finally {
        this.#asking -= 1;
      }
    }
  }

  async *#answer(asked: SyncRequest, options: { readonly signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    await this.#pause();
    for await (const frame of serveSync(this.#node.feeds, null, encodeRequest(asked), ASKER, options)) {
      yield frame;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#random() < 0.5) await delay(pickBelow(this.#random, PAUSE_MS));
  }
}
