import { z } from 'zod';
import { json } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import type { GatewayNode } from '../ports.ts';

const alive = z.object({ status: z.literal('ok') });
const readiness = z.object({
  ready: z.boolean(),
  checks: z.array(
    z.object({
      name: z.enum(['storage', 'events', 'own-feed', 'peers']),
      ok: z.boolean(),
      says: z.string().meta({ description: 'For people; may change.' }),
    }),
  ),
});

/** For whoever starts, restarts and sends traffic: open whatever the configuration, and nothing in them is secret. */
export function healthRoutes(api: Api, node: Pick<GatewayNode, 'readiness'>): void {
  for (const [url, id] of [
    ['/health', 'getHealth'],
    ['/health/live', 'getLiveness'],
  ] as const)
    api.serve(
      {
        method: 'GET',
        url,
        id,
        tag: 'node',
        access: 'open',
        summary: 'Answers while the process does; restart it where this does not.',
        answers: { 200: { description: 'It lives.', content: json(alive) } },
      },
      () => ({ status: 'ok' }),
    );
  api.serve(
    {
      method: 'GET',
      url: '/health/ready',
      id: 'getReadiness',
      tag: 'node',
      access: 'open',
      summary: 'Whether it can do its work: store messages, tell of them, speak, and hear from others.',
      answers: {
        200: { description: 'Every check holds.', content: json(readiness) },
        503: { description: 'One does not.', content: json(readiness) },
      },
    },
    async ({ reply }) => {
      const checks = await node.readiness();
      const ready = checks.every(({ ok }) => ok);
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready, checks });
    },
  );
}
