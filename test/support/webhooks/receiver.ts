import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { type CloudEvent, cloudEvent } from '../../../protocols/events/index.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

export type Answer = (event: CloudEvent, response: ServerResponse) => void;
const TAKES: Answer = (_, response) => void response.writeHead(204).end();

/** A subscriber: takes what is signed, by the reference library, and keeps it in the order of arrival. */
export class Receiver implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  readonly #webhook = new Webhook(SECRET);
  readonly #port: number;
  readonly received: CloudEvent[] = [];
  readonly headers: Readonly<Record<string, string>>[] = [];
  /** Tries, taken or not. */
  tries = 0;
  /** What the reference library refused. */
  readonly forged: unknown[] = [];
  answer: Answer = TAKES;
  /** Whether a test passes the time. */
  hasOwnTime = false;

  private constructor(port: number) {
    this.#port = port;
  }

  /** @param port 0 takes a free one */
  static async start(port = 0): Promise<Receiver> {
    const receiver = new Receiver(port);
    await receiver.listen();
    return receiver;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`;
  }

  /** Cursors in the order in which they came first: what a subscriber that drops repetitions has. */
  get distinct(): readonly number[] {
    return [...new Set(this.received.map(({ id }) => Number(id)))];
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.tries += 1;
    const headers = request.headers as Record<string, string>;
    let event: CloudEvent;
    try {
      event = cloudEvent.parse(this.#verified(body, headers));
    } catch (error) {
      this.forged.push(error);
      response.writeHead(401).end();
      return;
    }
    this.answer(event, response);
    if (response.statusCode < 300) {
      this.received.push(event);
      this.headers.push(headers);
    }
  }

  /** @throws unless the reference library takes it; of time that a test passes by hand it does not know. */
  #verified(body: string, headers: Record<string, string>): unknown {
    if (!this.hasOwnTime) return this.#webhook.verify(body, headers);
    const { 'webhook-id': id = '', 'webhook-timestamp': seconds, 'webhook-signature': given } = headers;
    const expected = this.#webhook.sign(id, new Date(Number(seconds) * 1_000), body);
    if (given !== expected) throw new Error('another signature');
    return JSON.parse(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
