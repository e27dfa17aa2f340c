import { createHash } from 'node:crypto';
import { OversightError } from '../../../protocols/base/errors.ts';
import { MESSAGE_LIMIT_BYTES, SYNC_FRAME_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { BoundedMap } from '../bounded-map.ts';
import { throwIfStopped, untilStoppedEach } from '../deadline.ts';
import type { Handlers, Outgoing, PeerEvent, PeerRef, Transport } from '../transport.ts';

/** Wire hashes a member remembers, so that a loop of neighbours comes to rest. */
const SEEN_LIMIT = 8_192;

/** Neighbours in one process. Gossips like libp2p: what a member accepts goes on to its other neighbours. */
export class MemoryHub {
  readonly #members = new Map<string, MemoryTransport>();
  readonly #links = new Set<string>();
  readonly #mesh: boolean;

  /** @param options.mesh every two members are neighbours (the default); else only those given to `link` */
  constructor(options: { readonly mesh?: boolean } = {}) {
    this.#mesh = options.mesh ?? true;
  }

  /** A transport for one member, not yet started. @param id the member's did:key, or any name in a test */
  join(id: string): MemoryTransport {
    return new MemoryTransport(this, id);
  }

  link(a: string, b: string): void {
    this.#links.add(linkName(a, b));
    this.#announce(a, b, true);
  }

  unlink(a: string, b: string): void {
    if (this.#links.delete(linkName(a, b))) this.#announce(a, b, false);
  }

  add(member: MemoryTransport): void {
    if (this.#members.has(member.id))
      throw new OversightError('argument-invalid', `member ${member.id} has already joined the hub`);
    this.#members.set(member.id, member);
    for (const other of this.neighbours(member.id)) this.#announce(member.id, other.id, true);
  }

  remove(member: MemoryTransport): void {
    if (this.#members.get(member.id) !== member) return;
    for (const other of this.neighbours(member.id)) this.#announce(member.id, other.id, false);
    this.#members.delete(member.id);
  }

  neighbours(id: string): readonly MemoryTransport[] {
    return [...this.#members.values()].filter(
      (other) => other.id !== id && (this.#mesh || this.#links.has(linkName(id, other.id))),
    );
  }

  #announce(a: string, b: string, connected: boolean): void {
    const [first, second] = [this.#members.get(a), this.#members.get(b)];
    if (first === undefined || second === undefined) return;
    first.tell({ peer: second.ref, connected });
    second.tell({ peer: first.ref, connected });
  }
}

const linkName = (a: string, b: string) => JSON.stringify([a, b].sort());

export class MemoryTransport implements Transport {
  readonly name = 'memory';
  readonly paced = false;
  readonly id: string;
  readonly #hub: MemoryHub;
  readonly #seen = new BoundedMap<string, true>(SEEN_LIMIT);
  readonly #listeners = new Set<(event: PeerEvent) => void>();
  readonly #blocked = new BoundedMap<string, number>(SEEN_LIMIT);
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #handlers: Handlers | null = null;

  constructor(hub: MemoryHub, id: string) {
    this.#hub = hub;
    this.id = id;
  }

  get ref(): PeerRef {
    return { transport: 'memory', id: this.id };
  }

  async start(handlers: Handlers, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfStopped(signal);
    this.#handlers = handlers;
    this.#hub.add(this);
  }

  async publish(message: Outgoing, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfStopped(signal);
    throwIfStopped(this.#stop.signal);
    if (message.wire.length > MESSAGE_LIMIT_BYTES)
      throw new OversightError('argument-invalid', 'the message is over the size limit');
    this.#seen.set(hash(message.wire), true);
    this.#forward(message.wire, null);
  }

  peers(): readonly PeerRef[] {
    return this.#handlers === null ? [] : this.#hub.neighbours(this.id).map((other) => other.ref);
  }

  onPeer(listener: (event: PeerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: PeerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async block(peer: PeerRef, durationMs: number): Promise<void> {
    this.#blocked.set(peer.id, Date.now() + durationMs);
  }

  async *request(
    peer: PeerRef,
    request: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    throwIfStopped(signal);
    const other = this.#hub.neighbours(this.id).find((candidate) => candidate.id === peer.id);
    if (other === undefined) throw new OversightError('node-unreachable', `no neighbour ${peer.id}`);
    for await (const frame of untilStoppedEach(other.answer(request, this.ref, { signal }), signal)) {
      if (frame.length > SYNC_FRAME_LIMIT_BYTES)
        throw new OversightError('peer-failed', 'the peer sent a frame over the limit');
      yield frame;
    }
  }

  answer(
    request: Uint8Array,
    from: PeerRef,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array> {
    if (this.#handlers === null) throw new OversightError('node-unreachable', `${this.id} has left`);
    return this.#handlers.serve(request, from, options);
  }

  deliver(wire: Uint8Array, from: PeerRef): void {
    const handlers = this.#handlers;
    const name = hash(wire);
    if (handlers === null || this.#seen.get(name) || (this.#blocked.get(from.id) ?? 0) > Date.now()) return;
    this.#seen.set(name, true);
    const task = handlers
      .receive(wire, from)
      .then((decision) => {
        if (decision === 'accept') this.#forward(wire, from.id);
      })
      .catch(() => {}) // not durable: nothing is forwarded, sync brings it again
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  #forward(wire: Uint8Array, except: string | null): void {
    for (const other of this.#hub.neighbours(this.id)) {
      if (other.id !== except) queueMicrotask(() => other.deliver(wire.slice(), this.ref));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new OversightError('cancelled', 'the transport is closed'));
    this.#hub.remove(this);
    this.#handlers = null;
    this.#listeners.clear();
  }
}

function hash(wire: Uint8Array): string {
  return createHash('sha256').update(wire).digest('base64');
}
