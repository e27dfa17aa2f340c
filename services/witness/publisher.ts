import type { PlainObject } from '../../protocols/base/plain.ts';
import type { CosignatureEntry } from '../../protocols/kinds/index.ts';
import type { CosignatureOutbox, CosignedHead } from './ports.ts';

/** Cosignatures of one message: 128 of them are below its size limit. spec 08-record §6 */
const BATCH_LIMIT = 128;
/** While there is something new, about four messages a second. spec 14-witnesses §4.4 */
export const PUBLISH_INTERVAL_MS = 250;
/** After a refusal (no room, a feed that is not confirmed yet) the same is tried again. */
const RETRY_MS = 5_000;

export interface PublisherOptions {
  readonly outbox: CosignatureOutbox;
  /** Resolves when the message is durable here. @throws when it was refused */
  readonly publish: (body: PlainObject) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  readonly intervalMs?: number;
}

/** Publishes what has been cosigned as `cosignatures/1`, a batch at a time. */
export class CosignaturePublisher implements AsyncDisposable {
  readonly #options: PublisherOptions;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #last = -Infinity;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? PUBLISH_INTERVAL_MS;
  }

  /** Something has come into the outbox. */
  ring(): void {
    if (this.#running !== null) this.#again = true;
    else this.#schedule(Math.max(0, this.#last + this.#intervalMs - performance.now()));
  }

  #schedule(delayMs: number): void {
    if (this.#closed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#last = performance.now();
      this.#running = this.#publish().then((delay) => {
        this.#running = null;
        if (delay !== null) this.#schedule(delay);
      });
    }, delayMs);
  }

  /** @returns when to go on, in milliseconds; null when the outbox was empty */
  async #publish(): Promise<number | null> {
    this.#again = false;
    const { outbox, publish, onFault } = this.#options;
    try {
      const batch = outbox.first(BATCH_LIMIT);
      const last = batch.at(-1);
      if (last === undefined) return null;
      await publish({ entries: batch.map(({ cosigned }) => entryOf(cosigned)) });
      // a kill before this publishes it twice, which changes nothing
      outbox.drop(last.number);
      return batch.length === BATCH_LIMIT || this.#again ? this.#intervalMs : null;
    } catch (error) {
      if (!this.#closed) onFault(error);
      return RETRY_MS;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }
}

function entryOf(cosigned: CosignedHead) {
  const { feed, size, root, head, witness, time, signature } = cosigned;
  return {
    feed,
    size,
    root: base64(root),
    head: base64(head),
    witness,
    time,
    signature: base64(signature),
  } satisfies CosignatureEntry;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
