import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { MEMBERS_LIMIT } from '../../../protocols/base/limits.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import type { PeerEvent } from '../transport.ts';

const ANNOUNCE_MS = 10_000;
/** Three missed announcements. */
const GONE_MS = 35_000;
/** An announcement is a did:key and a flag. */
const ANNOUNCEMENT_LIMIT_BYTES = 256;

const Announcement = z.strictObject({ member: z.string(), here: z.boolean() });

/** Who else is on the server: each node says so every ten seconds, and at once to a newcomer. Claims only, hints for sync. */
export class Presence implements AsyncDisposable {
  readonly #self: string;
  readonly #subject: string;
  readonly #admits: (member: string) => boolean;
  readonly #tell: (event: PeerEvent) => void;
  readonly #seenAt = new Map<string, number>();
  #connection: NatsConnection | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly self: string;
    readonly subject: string;
    readonly admits: (member: string) => boolean;
    readonly tell: (event: PeerEvent) => void;
  }) {
    this.#self = options.self;
    this.#subject = options.subject;
    this.#admits = options.admits;
    this.#tell = options.tell;
  }

  attach(connection: NatsConnection): void {
    this.#connection = connection;
    connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null) this.#hear(message.data);
      },
    });
    this.announce();
    this.#timer = setInterval(() => {
      this.announce();
      for (const [member, at] of this.#seenAt) if (Date.now() - at > GONE_MS) this.#lose(member);
    }, ANNOUNCE_MS);
  }

  members(): readonly string[] {
    return [...this.#seenAt.keys()];
  }

  announce(here = true): void {
    if (this.#connection === null || this.#connection.isClosed()) return;
    this.#connection.publish(this.#subject, encode({ member: this.#self, here }));
  }

  /** The server is away: so is everyone on it. */
  loseAll(): void {
    for (const member of this.members()) this.#lose(member);
  }

  #hear(data: Uint8Array): void {
    if (data.length > ANNOUNCEMENT_LIMIT_BYTES) return;
    const decoded = decodeCanonical(data);
    const parsed = decoded.ok ? Announcement.safeParse(decoded.value) : null;
    if (!parsed?.success) return;
    const { member, here } = parsed.data;
    if (member === this.#self || parseDidKey('ed25519', member) === null || !this.#admits(member)) return;
    if (!here) {
      this.#lose(member);
      return;
    }
    const known = this.#seenAt.has(member);
    if (!known && this.#seenAt.size >= MEMBERS_LIMIT) return;
    this.#seenAt.set(member, Date.now());
    if (known) return;
    this.announce();
    this.#tell({ peer: { transport: 'nats', id: member }, connected: true });
  }

  #lose(member: string): void {
    if (this.#seenAt.delete(member))
      this.#tell({ peer: { transport: 'nats', id: member }, connected: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.announce(false);
    this.#seenAt.clear();
  }
}
