import { z } from 'zod';
import { ERROR_CODES, messageOf, OversightError } from '../../protocols/base/errors.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { contentReference } from '../../protocols/kinds/index.ts';
import { firstIssue } from '../../protocols/message/index.ts';

const problem = z.looseObject({ code: z.enum(ERROR_CODES), detail: z.string() });

const publishedMessage = z.looseObject({
  id: z.string(),
  kind: z.string(),
  author: z.string(),
  sequence: z.int(),
});
export type PublishedMessage = z.infer<typeof publishedMessage>;

/** Talks to a node's gateway. Every failure is an OversightError: the node's own code, or `node-unreachable`. */
export class NodeClient {
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(url: string, { signal }: { readonly signal: AbortSignal }) {
    this.#url = url;
    this.#signal = signal;
  }

  async get<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
    return (await this.getWithTag(path, schema)).value;
  }

  /** With the entity tag: of the record's parts, the record's digest. */
  async getWithTag<T extends z.ZodType>(
    path: string,
    schema: T,
  ): Promise<{ readonly value: z.infer<T>; readonly tag: string }> {
    const response = await this.#send(path, {});
    const tag = (response.headers.get('etag') ?? '').replaceAll('"', '');
    return { value: await parse(response, schema), tag };
  }

  async getText(path: string): Promise<string> {
    return (await this.#send(path, {})).text();
  }

  async publish(kind: string, body: PlainObject, token: string): Promise<PublishedMessage> {
    return parse(await this.#post('/messages', { kind, body }, token), publishedMessage);
  }

  async addContent(directory: string, token: string) {
    return parse(await this.#post('/content', { directory }, token), contentReference);
  }

  /** @throws OversightError `node-unreachable` */
  async openEvents(query: URLSearchParams): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const response = await this.#send(`/events?${query}`, { headers: { accept: 'text/event-stream' } });
    if (response.body === null) throw new OversightError('node-unreachable', 'the node sent no event stream');
    return response.body;
  }

  #post(path: string, body: unknown, token: string): Promise<Response> {
    return this.#send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      // a redirect would carry the token to another address
      response = await fetch(`${this.#url}${path}`, { redirect: 'error', signal: this.#signal, ...init });
    } catch (error) {
      if (this.#signal.aborted) throw new OversightError('cancelled', 'interrupted', { cause: error });
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new OversightError('node-unreachable', `no node answers at ${this.#url} (${reasonOf(cause)})`, {
        cause: error,
      });
    }
    if (!response.ok) throw await toError(response);
    return response;
  }
}

async function toError(response: Response): Promise<OversightError> {
  const body: unknown = await response.json().catch(() => null); // a proxy's page is no problem document
  const parsed = problem.safeParse(body);
  if (parsed.success) return new OversightError(parsed.data.code, parsed.data.detail);
  return new OversightError('node-unreachable', `${response.url} answered ${response.status}: not a node?`);
}

async function parse<T extends z.ZodType>(response: Response, schema: T): Promise<z.infer<T>> {
  const body: unknown = await response.json().catch(() => null); // refused by the schema below
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = firstIssue(parsed.error.issues);
  throw new OversightError('node-unreachable', `${response.url} is not a node's answer (${issue})`);
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return messageOf(cause);
}
