import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { checkedLookup, type TargetRules } from './target.ts';

/** Of an answer whose body nobody reads. */
const ANSWER_LIMIT_BYTES = 65_536;
/** From the first byte out to the status: Standard Webhooks recommends 15 to 30 s. */
const ANSWER_TIMEOUT_MS = 15_000;

export interface Answer {
  readonly status: number;
  /** Its `Retry-After`, as it stands; null: none. */
  readonly retryAfter: string | null;
}

/** Sends to one target. Redirects are answers like any other. */
export class Post implements Disposable {
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(url: URL, rules: TargetRules) {
    this.#url = url;
    const options = { keepAlive: true, maxSockets: 1, lookup: checkedLookup(rules) };
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** @throws where no answer came in time */
  send(
    headers: Readonly<Record<string, string>>,
    body: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Answer> {
    const request = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const bytes = Buffer.from(body);
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: { ...headers, 'content-length': bytes.length },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        drain(response);
        response.once('error', reject);
        const { statusCode: status = 0, headers } = response;
        const answer = { status, retryAfter: headers['retry-after'] ?? null };
        response.once('end', () => resolve(answer));
        response.once('close', () => resolve(answer));
      });
      sent.end(bytes);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Reads a body to its end, so that the connection can be used again, and cuts it where it is too long. */
function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_LIMIT_BYTES) response.destroy();
  });
}
