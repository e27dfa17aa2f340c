import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../../protocols/audit/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { accept, refuse } from '../../../protocols/base/result.ts';

export interface FetchTimes {
  /** For one answer, to its last byte. */
  readonly answerMs: number;
  /** For all of them. */
  readonly allMs: number;
}

/** A node asks who reads faster than it serves to wait; longer than this is no answer. */
const WAIT_LIMIT_MS = 60_000;
const WAITS_LIMIT = 10;

/** Answers over HTTP from somebody who may be hostile: each bounded in bytes and time, and all of them in time. */
export class BoundedFetch {
  readonly #url: string;
  readonly #signal: AbortSignal;
  readonly #times: FetchTimes;
  readonly #end: AbortSignal;

  constructor(url: string, times: FetchTimes, { signal }: { readonly signal: AbortSignal }) {
    this.#url = url;
    this.#times = times;
    this.#signal = signal;
    this.#end = AbortSignal.timeout(times.allMs);
  }

  /** @throws OversightError `cancelled` */
  async bytes(path: string, limitBytes: number): Promise<Answer<Uint8Array>> {
    const answer = await this.tagged(path, limitBytes);
    return answer.ok ? accept(answer.value.bytes) : answer;
  }

  /** With the entity tag, without its quotes; null where there is none. */
  async tagged(
    path: string,
    limitBytes: number,
  ): Promise<Answer<{ readonly bytes: Uint8Array; readonly tag: string | null }>> {
    for (let waits = 0; ; waits++) {
      const time = AbortSignal.any([this.#end, AbortSignal.timeout(this.#times.answerMs)]);
      try {
        const response = await fetch(`${this.#url}${path}`, {
          // an answer is this node's own, or none
          redirect: 'error',
          signal: AbortSignal.any([this.#signal, time]),
        });
        if (response.status === 429 && waits < WAITS_LIMIT) {
          await response.body?.cancel();
          await this.#wait(response.headers.get('retry-after'));
          continue;
        }
        return await readAnswer(response, limitBytes);
      } catch (error) {
        if (this.#signal.aborted) throw new OversightError('cancelled', 'interrupted', { cause: error });
        if (time.aborted) return refuse('answer-too-slow', `no end of ${path} in time`);
        return refuse('unreachable', `no answer to ${path}`);
      }
    }
  }

  async #wait(retryAfter: string | null): Promise<void> {
    const seconds = Number(retryAfter ?? 1);
    const waitMs = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0) * 1_000, WAIT_LIMIT_MS) : 1_000;
    await delay(waitMs, undefined, { signal: AbortSignal.any([this.#signal, this.#end]) });
  }
}

async function readAnswer(
  response: Response,
  limitBytes: number,
): Promise<Answer<{ readonly bytes: Uint8Array; readonly tag: string | null }>> {
  if (!response.ok) {
    await response.body?.cancel();
    const absent = response.status === 404 || response.status === 410;
    return refuse(absent ? 'absent' : 'unreachable', `status ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    // leaving the loop ends the exchange
    if (length > limitBytes) return refuse('answer-too-large', `more than ${limitBytes} bytes`);
    parts.push(part);
  }
  const tag = response.headers.get('etag')?.replace(/^W\//, '').replaceAll('"', '') ?? null;
  return accept({ bytes: new Uint8Array(Buffer.concat(parts)), tag });
}
