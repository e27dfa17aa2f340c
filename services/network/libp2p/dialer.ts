import { setTimeout as delay } from 'node:timers/promises';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { OversightError } from '../../../protocols/base/errors.ts';
import { MEMBERS_LIMIT } from '../../../protocols/base/limits.ts';

/** First wait after a failed dial, doubled to the last one; a peer that comes back is met within half a minute. */
const BACKOFF_FIRST_MS = 250;
const BACKOFF_LAST_MS = 30_000;
const DIAL_TIMEOUT_MS = 10_000;
/** Addresses kept for one peer; a node has one or two. */
const ADDRESSES_LIMIT = 8;

export interface DialerPort {
  dial(addresses: readonly Multiaddr[], options: { readonly signal: AbortSignal }): Promise<void>;
  isConnected(peerId: string): boolean;
  /** Whether the gater would let this peer in at all. */
  admits(peerId: string): boolean;
}

interface Target {
  readonly peerId: string;
  readonly addresses: Map<string, Multiaddr>;
  wake: () => void;
}

/** Keeps connections to known addresses: one loop a peer, which dials while it is away and sleeps while it is there. */
export class Dialer implements AsyncDisposable {
  readonly #port: DialerPort;
  readonly #targets = new Map<string, Target>();
  readonly #loops = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(port: DialerPort) {
    this.#port = port;
  }

  /** @param addresses multiaddrs that end in `/p2p/<peer id>`. @throws OversightError argument-invalid */
  connect(addresses: readonly string[]): void {
    for (const text of addresses) {
      const { peerId, address } = parseAddress(text);
      const known = this.#targets.get(peerId);
      if (known === undefined && this.#targets.size >= MEMBERS_LIMIT) return;
      const target = known ?? { peerId, addresses: new Map(), wake: () => {} };
      // the newest are where the peer is now
      target.addresses.delete(text);
      target.addresses.set(text, address);
      if (target.addresses.size > ADDRESSES_LIMIT) {
        target.addresses.delete(target.addresses.keys().next().value as string);
      }
      if (known === undefined) this.#begin(target);
      else target.wake();
    }
  }

  #begin(target: Target): void {
    this.#targets.set(target.peerId, target);
    const loop = this.#keep(target).finally(() => this.#loops.delete(loop));
    this.#loops.add(loop);
  }

  /** A peer went: dial it now rather than at the next turn. */
  lost(peerId: string): void {
    this.#targets.get(peerId)?.wake();
  }

  async #keep(target: Target): Promise<void> {
    const { signal } = this.#stop;
    let backoffMs = BACKOFF_FIRST_MS;
    while (!signal.aborted) {
      if (this.#port.isConnected(target.peerId)) {
        backoffMs = BACKOFF_FIRST_MS;
        await this.#idle(target, BACKOFF_LAST_MS);
        continue;
      }
      if (this.#port.admits(target.peerId)) {
        try {
          await this.#port.dial([...target.addresses.values()], {
            signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]),
          });
        } catch {
          // expected while the peer is away; the loop goes on with a longer wait
        }
      }
      await this.#idle(target, backoffMs * (0.5 + Math.random() / 2));
      backoffMs = Math.min(2 * backoffMs, BACKOFF_LAST_MS);
    }
  }

  async #idle(target: Target, ms: number): Promise<void> {
    const woken = new AbortController();
    target.wake = () => woken.abort();
    await delay(ms, undefined, { signal: AbortSignal.any([this.#stop.signal, woken.signal]) }).catch(
      () => {},
    );
    target.wake = () => {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }
}

function parseAddress(text: string): { readonly peerId: string; readonly address: Multiaddr } {
  let address: Multiaddr;
  try {
    address = multiaddr(text);
  } catch (cause) {
    throw new OversightError('argument-invalid', `not a multiaddr: ${JSON.stringify(text)}`, { cause });
  }
  const last = address.getComponents().at(-1);
  if (last?.name !== 'p2p' || last.value === undefined)
    throw new OversightError('argument-invalid', `the address ${text} does not end in /p2p/<peer id>`);
  return { peerId: last.value, address };
}
