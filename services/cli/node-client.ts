import { z } from 'zod';
import { ERROR_CODES, messageOf, OversightError } from '../../protocols/base/errors.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { contentReference } from '../../protocols/kinds/index.ts';
import { firstIssue } from '../../protocols/message/index.ts';

const problem = z.looseObject({
  code: z.enum(ERROR_CODES),
  detail: z.string(),
  reason: z.string().optional(),
});

const publishedMessage = z.looseObject({
  id: z.string(),
  kind: z.string(),
  author: z.string(),
  sequence: z.int(),
});
export type PublishedMessage = z.infer<typeof publishedMessage>;

const bytesProgress = z.object({ bytesDone: z.int(), bytesTotal: z.int() });
const releaseLine = z.union([
  bytesProgress,
  z.object({
    added: contentReference.extend({
      files: z.array(z.looseObject({ path: z.string(), sizeBytes: z.int(), sha256: z.string() })),
    }),
  }),
  z.object({ problem }),
]);

const pinLine = z.union([bytesProgress, z.object({ message: z.string() }), z.object({ problem })]);

const collectedAnswer = z.object({
  collected: z.array(
    z.looseObject({ cid: z.string(), sizeBytes: z.int(), state: z.enum(['whole', 'partial']) }),
  ),
});
export type Collected = Pick<
  z.infer<typeof collectedAnswer>['collected'][number],
  'cid' | 'sizeBytes' | 'state'
>;

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

  async getBytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#send(path, {})).arrayBuffer());
  }

  async publish(kind: string, body: PlainObject, token: string): Promise<PublishedMessage> {
    return parse(await this.#post('/messages', { kind, body }, token), publishedMessage);
  }

  async addContent(directory: string, token: string) {
    return parse(await this.#post('/content', { directory }, token), contentReference);
  }

  /** Has the node sign and add a checkpoint on its machine. @throws OversightError with the node's code */
  async addRelease(
    release: { readonly directory: string; readonly name: string },
    token: string,
    onProgress: (progress: z.infer<typeof bytesProgress>) => void,
  ) {
    const response = await this.#post('/releases', release, token);
    for await (const line of linesOf(response)) {
      const parsed = releaseLine.safeParse(line);
      if (!parsed.success) break;
      if ('bytesDone' in parsed.data) onProgress(parsed.data);
      else if ('added' in parsed.data) return parsed.data.added;
      else throw toOversightError(parsed.data.problem);
    }
    throw new OversightError('node-unreachable', `${response.url} did not finish its answer`);
  }

  /**
   * Has the node fetch and promise a checkpoint, or take the promise back.
   * @param promise `until` in milliseconds since 1970; null takes it back
   * @returns the id of the message @throws OversightError with the node's code
   */
  async pin(
    promise: { readonly cid: string; readonly until: number | null },
    token: string,
    onProgress: (progress: z.infer<typeof bytesProgress>) => void,
  ): Promise<string> {
    const response = await this.#post('/pins', promise, token);
    for await (const line of linesOf(response)) {
      const parsed = pinLine.safeParse(line);
      if (!parsed.success) break;
      if ('bytesDone' in parsed.data) onProgress(parsed.data);
      else if ('message' in parsed.data) return parsed.data.message;
      else throw toOversightError(parsed.data.problem);
    }
    throw new OversightError('node-unreachable', `${response.url} did not finish its answer`);
  }

  async collectGarbage(options: { readonly dryRun: boolean }, token: string): Promise<readonly Collected[]> {
    return (await parse(await this.#post('/gc', options, token), collectedAnswer)).collected;
  }

  /** Asks as the owner. @param schema null: the answer has no body */
  async call<T extends z.ZodType | null>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    token: string,
    schema: T,
    body?: unknown,
  ): Promise<T extends z.ZodType ? z.infer<T> : null> {
    const authorization = `Bearer ${token}`;
    const response = await this.#send(path, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = schema === null ? null : await parse(response, schema);
    return answer as T extends z.ZodType ? z.infer<T> : null;
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
  if (parsed.success) return toOversightError(parsed.data);
  return new OversightError('node-unreachable', `${response.url} answered ${response.status}: not a node?`);
}

function toOversightError({ code, detail, reason }: z.infer<typeof problem>): OversightError {
  return new OversightError(code, detail, { details: reason === undefined ? {} : { reason } });
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

/** A JSON value a line; what is none becomes undefined. */
async function* linesOf(response: Response): AsyncIterable<unknown> {
  if (response.body === null) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield toJson(line);
  }
}

function toJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // refused by the schema
  }
}
