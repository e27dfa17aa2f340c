import type { CloudEvent } from '../../../protocols/events/index.ts';
import { SubscriptionFile } from '../../../services/ledger/index.ts';
import type { WebhookSurroundings } from '../../../services/webhooks/index.ts';
import { WebhookDesk } from '../../../services/webhooks/index.ts';
import { ManualTimer } from '../manual-timer.ts';

/** Events of a node that has been told so many. */
export class EventSource {
  readonly #events: CloudEvent[] = [];
  readonly #grown = new EventTarget();

  tell(count: number, atMs: number): void {
    for (let i = 0; i < count; i++) this.#events.push(eventAt(this.#events.length + 1, atMs));
    this.#grown.dispatchEvent(new Event('told'));
  }

  async *after(cursor: number, signal: AbortSignal): AsyncIterable<CloudEvent> {
    for (let next = cursor; !signal.aborted; ) {
      const event = this.#events[next];
      if (event === undefined) await this.#more(signal);
      else {
        next += 1;
        yield event;
      }
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#grown.addEventListener('told', () => resolve(), { once: true, signal });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

function eventAt(cursor: number, atMs: number): CloudEvent {
  return {
    specversion: '1.0',
    id: String(cursor),
    source: 'did:key:z6Mk',
    type: 'org.analog-oversight.message.accepted',
    subject: 'bafyrei',
    time: new Date(atMs).toISOString(),
    datacontenttype: 'application/json',
    data: { author: 'did:key:z6Mk', authorName: 'example-lab', summary: `event ${cursor}` },
  };
}

/** A desk over a file, with time that a test passes by hand. */
export function openDesk(
  path: string,
  source: EventSource,
  rules: Partial<WebhookSurroundings['rules']> = {},
) {
  const timer = new ManualTimer();
  const base = Date.now();
  const clock = { now: () => base + timer.now() };
  const file = new SubscriptionFile(path);
  const faults: unknown[] = [];
  const desk = new WebhookDesk(file, {
    events: (after, _filter, { signal }) => source.after(after, signal),
    rules: { isPrivateAllowed: true, resolve: (_name, done) => done(null, []), ...rules },
    clock,
    timer,
    count: () => {},
    onFault: (error) => void faults.push(error),
  });
  return { desk, file, timer, clock, faults };
}
