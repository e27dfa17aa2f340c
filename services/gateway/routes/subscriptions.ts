import { z } from 'zod';
import { eventFilter } from '../../../protocols/events/index.ts';
import { count, json, NOT_MODIFIED, open, time } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import { IF_NONE_MATCH, sendTagged } from '../entity-tag.ts';
import type { GatewayNode } from '../ports.ts';

const LETTERS_LIMIT = 1_000;
const CURSOR_LIMIT = 999_999_999_999_999;

const cursor = z.int().min(0).max(CURSOR_LIMIT);
const subscription = open({
  id: z.string(),
  url: z.string(),
  filter: eventFilter,
  createdAt: time,
  cursor: count.meta({ description: 'Of the last event that was delivered or given up.' }),
  state: z.enum(['active', 'gone']).meta({ description: '`gone`: the subscriber answered 410.' }),
  failingSince: time.nullable(),
  attempts: count,
  deadLetters: count,
});
const secret = z.string().max(100).meta({ description: '`whsec_` and base64 of 24 to 64 bytes.' });

const addition = z.strictObject({
  url: z.string().max(2_048),
  filter: eventFilter.default({}),
  secret: secret.optional().meta({ description: 'Left out: one is made, and told in the answer alone.' }),
  after: cursor.optional().meta({ description: 'Begin after this cursor; left out: with what comes.' }),
});
const ofSubscription = z.object({ id: z.string().max(100) });
const replay = z.strictObject({ after: cursor });
const page = z.object({
  after: z.coerce.number().int().min(0).max(CURSOR_LIMIT).default(0),
  limit: z.coerce.number().int().min(1).max(LETTERS_LIMIT).default(100),
});
const letter = open({ cursor: count, type: z.string(), failedAt: time, attempts: count, reason: z.string() });

/** The owner's webhooks. spec 09-events §7 */
export function subscriptionRoutes(api: Api, node: Pick<GatewayNode, 'subscriptions' | 'status'>): void {
  const shared = { tag: 'subscriptions', access: 'owner' } as const;
  api.serve(
    {
      ...shared,
      method: 'GET',
      url: '/subscriptions',
      id: 'getSubscriptions',
      summary: 'The webhooks of this node, and how far each has been served.',
      headers: IF_NONE_MATCH,
      answers: {
        200: { description: 'Webhooks.', content: json(z.object({ subscriptions: z.array(subscription) })) },
        304: NOT_MODIFIED,
      },
    },
    (exchange) => sendTagged(exchange, { subscriptions: node.subscriptions.list() }),
  );
  api.serve(
    {
      ...shared,
      method: 'POST',
      url: '/subscriptions',
      id: 'addSubscription',
      summary: 'Sends events to an address, signed (Standard Webhooks).',
      body: addition,
      answers: {
        201: { description: 'The webhook, with its secret.', content: json(subscription.extend({ secret })) },
      },
      refuses: ['request-refused'],
    },
    async ({ body: { after = node.status().lastEvent, ...asked }, reply }) => {
      const added = await node.subscriptions.add({ ...asked, after });
      return reply.code(201).header('location', `/subscriptions/${added.id}`).send(added);
    },
  );
  api.serve(
    {
      ...shared,
      method: 'DELETE',
      url: '/subscriptions/:id',
      id: 'removeSubscription',
      summary: 'Sends no more, and forgets it.',
      params: ofSubscription,
      answers: { 204: { description: 'It is gone.' } },
      refuses: ['not-found'],
    },
    async ({ params: { id }, reply }) => {
      await node.subscriptions.remove(id);
      return reply.code(204).send();
    },
  );
  api.serve(
    {
      ...shared,
      method: 'POST',
      url: '/subscriptions/:id/replay',
      id: 'replaySubscription',
      summary: 'Sends again what is after a cursor; also brings back one that is `gone`.',
      params: ofSubscription,
      body: replay,
      answers: { 200: { description: 'The webhook.', content: json(subscription) } },
      refuses: ['not-found'],
    },
    ({ params: { id }, body: { after } }) => node.subscriptions.replay(id, after),
  );
  api.serve(
    {
      ...shared,
      method: 'GET',
      url: '/subscriptions/:id/dead',
      id: 'getDeadLetters',
      summary: 'Events that were given up after three days.',
      params: ofSubscription,
      query: page,
      headers: IF_NONE_MATCH,
      answers: {
        200: {
          description: 'By cursor, and what `after` takes for the next page; null at the end.',
          content: json(z.object({ letters: z.array(letter), next: z.int().nullable() })),
        },
        304: NOT_MODIFIED,
      },
      refuses: ['not-found'],
    },
    ({ params: { id }, query: { after, limit }, ...exchange }) => {
      const letters = node.subscriptions.dead(id, after, limit + 1);
      const page = letters.slice(0, limit);
      const next = letters.length > limit ? (page.at(-1)?.cursor ?? null) : null;
      return sendTagged(exchange, { letters: page, next });
    },
  );
}
