import { z } from 'zod';
import type { EventFilter } from '../../protocols/events/index.ts';
import type { NodeClient } from './node-client.ts';

const subscription = z.looseObject({
  id: z.string(),
  url: z.string(),
  filter: z.record(z.string(), z.unknown()),
  cursor: z.int(),
  state: z.string(),
  failingSince: z.int().nullable(),
  attempts: z.int(),
  deadLetters: z.int(),
});
export type SubscriptionAnswer = z.infer<typeof subscription>;
const listAnswer = z.looseObject({ subscriptions: z.array(subscription) });
const addedAnswer = subscription.extend({ secret: z.string() });
const letter = z.looseObject({
  cursor: z.int(),
  type: z.string(),
  failedAt: z.int(),
  attempts: z.int(),
  reason: z.string(),
});
export type LetterAnswer = z.infer<typeof letter>;
const deadAnswer = z.looseObject({ letters: z.array(letter) });

/** Letters of one page of the node's answer. */
const PAGE = 1_000;

/** The webhooks of a node, for its owner. Every failure is an OversightError with the node's code. */
export class SubscriptionClient {
  readonly #client: NodeClient;
  readonly #token: string;

  constructor(client: NodeClient, token: string) {
    this.#client = client;
    this.#token = token;
  }

  async list(): Promise<readonly SubscriptionAnswer[]> {
    return (await this.#client.call('GET', '/subscriptions', this.#token, listAnswer)).subscriptions;
  }

  add(body: {
    readonly url: string;
    readonly filter: EventFilter;
    readonly secret?: string;
    readonly after?: number;
  }) {
    return this.#client.call('POST', '/subscriptions', this.#token, addedAnswer, body);
  }

  async remove(id: string): Promise<void> {
    await this.#client.call('DELETE', pathOf(id), this.#token, null);
  }

  replay(id: string, after: number): Promise<SubscriptionAnswer> {
    return this.#client.call('POST', `${pathOf(id)}/replay`, this.#token, subscription, { after });
  }

  async dead(id: string, after: number): Promise<readonly LetterAnswer[]> {
    const all: LetterAnswer[] = [];
    for (let from = after; ; ) {
      const path = `${pathOf(id)}/dead?after=${from}&limit=${PAGE}`;
      const { letters } = await this.#client.call('GET', path, this.#token, deadAnswer);
      all.push(...letters);
      const last = letters.at(-1);
      if (last === undefined || letters.length < PAGE) return all;
      from = last.cursor;
    }
  }
}

function pathOf(id: string): string {
  return `/subscriptions/${encodeURIComponent(id)}`;
}
