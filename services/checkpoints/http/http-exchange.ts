import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { messageOf } from '../../../protocols/base/errors.ts';
import { throwIfCancelled } from '../failures.ts';
import { SourceError } from '../fetch/block-source.ts';

/** A connection that was not used for this long is closed. */
const IDLE_TIMEOUT_MS = 5_000;
/** Answers that mean "later": too many requests, unavailable. */
const BUSY: ReadonlySet<number> = new Set([429, 503]);
/** Answers that mean "not here", the last of a range past the end. */
const ABSENT: ReadonlySet<number> = new Set([404, 410, 416]);
const ELSEWHERE: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface Asked {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The one status that carries what was asked for. */
  readonly expect: 200 | 206;
  readonly limitBytes: number;
  /** Shared memory to read the body to, if it is not longer. Not to be used again before `get` has answered. */
  readonly into?: Buffer | null;
  readonly signal: AbortSignal;
}

export interface HttpExchangeOptions {
  readonly connections: number;
  /** Redirects followed for one request, never from https to http. Without it an answer comes from who was asked. */
  readonly redirects?: number;
}

/** GET requests to one server. */
export interface Exchange {
  /** The body, or null when the server has no such thing. @throws SourceError; OversightError `cancelled` */
  get(asked: Asked): Promise<Uint8Array | null>;
}

/** @param base its path ends in `/` and stands before every path asked for */
export type OpenExchange = (name: string, base: URL, options: HttpExchangeOptions) => Exchange;

export const exchangeHere: OpenExchange = (...of) => new HttpExchange(...of);

/** The exchange itself, over connections that are kept. */
export class HttpExchange implements Exchange {
  readonly name: string;
  readonly #base: URL;
  readonly #redirects: number;
  readonly #plain: PlainAgent;
  readonly #secure: SecureAgent;

  constructor(name: string, base: URL, { connections, redirects = 0 }: HttpExchangeOptions) {
    this.name = name;
    this.#base = base;
    this.#redirects = redirects;
    const options = {
      keepAlive: true,
      maxSockets: connections,
      timeout: IDLE_TIMEOUT_MS,
      scheduling: 'fifo' as const,
    };
    this.#plain = new PlainAgent(options);
    this.#secure = new SecureAgent(options);
  }

  async get(asked: Asked): Promise<Uint8Array | null> {
    try {
      const response = await this.#follow(asked);
      const status = response.statusCode ?? 0;
      if (status === asked.expect) return await readBody(response, asked);
      response.destroy();
      if (ABSENT.has(status)) return null;
      throw new SourceError(
        BUSY.has(status) ? 'busy' : 'answer-invalid',
        `${this.name}: HTTP status ${status}`,
      );
    } catch (error) {
      throwIfCancelled(asked.signal);
      if (error instanceof SourceError) throw error;
      throw new SourceError('closed', `${this.name}: ${messageOf(error)}`, { cause: error });
    }
  }

  async #follow(asked: Asked): Promise<IncomingMessage> {
    let url = new URL(asked.path, this.#base);
    for (let left = this.#redirects; ; left--) {
      const response = await this.#open(url, asked);
      if (left === 0 || !ELSEWHERE.has(response.statusCode ?? 0)) return response;
      response.destroy();
      const next = URL.parse(response.headers.location ?? '', url.href);
      const isSafe = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:');
      if (next === null || !isSafe) throw new SourceError('answer-invalid', `${this.name}: a bad redirect`);
      url = next;
    }
  }

  #open(url: URL, { headers = {}, signal }: Asked): Promise<IncomingMessage> {
    const [request, agent] =
      url.protocol === 'https:' ? [secureRequest, this.#secure] : [plainRequest, this.#plain];
    return new Promise((resolve, reject) => {
      request(url, { agent, headers: { ...headers }, signal })
        .once('response', resolve)
        .once('error', reject)
        .end();
    });
  }
}

/** The whole body in one buffer of the length that was announced; one without a length, or longer, is refused unread. */
function readBody(
  response: IncomingMessage,
  { limitBytes, into = null }: Pick<Asked, 'limitBytes' | 'into'>,
): Promise<Uint8Array> {
  const length = Number(response.headers['content-length']);
  return new Promise((resolve, reject) => {
    if (!Number.isInteger(length) || length < 0 || length > limitBytes) {
      response.destroy();
      return reject(
        new SourceError('answer-invalid', `an answer of ${response.headers['content-length']} bytes`),
      );
    }
    // filled to its end, or not given out
    const body =
      into !== null && length <= into.length ? into.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    let have = 0;
    response.on('data', (chunk: Buffer) => {
      body.set(chunk, have); // the parser gives no more than the length announced
      have += chunk.length;
    });
    response.once('end', () => resolve(body));
    response.once('error', reject);
    response.once('close', () => reject(new SourceError('closed', 'the answer ends early')));
  });
}
