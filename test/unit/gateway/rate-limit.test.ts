import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildGateway } from '../../../services/gateway/index.ts';
import { RateLimit } from '../../../services/gateway/rate-limit.ts';
import { exampleStory } from '../../support/example-story.ts';

const TOKEN = 'a'.repeat(48);
const RATE = { perSecond: 2, burst: 3, addresses: 16 };

let app: FastifyInstance;
let now: number;

beforeEach(async () => {
  now = 0;
  app = await buildGateway(exampleStory().node, { token: TOKEN, rateLimit: { ...RATE, now: () => now } });
});
afterEach(() => app.close());

async function statuses(count: number, remoteAddress: string, headers: Record<string, string> = {}) {
  const out: number[] = [];
  for (let i = 0; i < count; i += 1)
    out.push((await app.inject({ url: '/health', remoteAddress, headers })).statusCode);
  return out;
}

test('an address that asks too often is told to wait, and heard again when it has', async () => {
  expect(await statuses(4, '192.0.2.1')).toEqual([200, 200, 200, 429]);
  const refused = await app.inject({ url: '/record', remoteAddress: '192.0.2.1' });
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.json()).toMatchObject({ code: 'requests-exceeded', status: 429 });
  expect(await statuses(1, '192.0.2.2')).toEqual([200]);
  now += 1_000;
  expect(await statuses(3, '192.0.2.1')).toEqual([200, 200, 429]);
});

test('addresses that are not served count too', async () => {
  for (let i = 0; i < 3; i += 1) await app.inject({ url: '/nothing', remoteAddress: '192.0.2.1' });
  expect(await statuses(1, '192.0.2.1')).toEqual([429]);
});

test('the owner is not counted; who has a wrong token is', async () => {
  expect(new Set(await statuses(10, '192.0.2.1', { authorization: `Bearer ${TOKEN}` }))).toEqual(
    new Set([200]),
  );
  const wrong = { authorization: `Bearer ${'b'.repeat(48)}` };
  expect(await statuses(4, '192.0.2.1', wrong)).toEqual([200, 200, 200, 429]);
});

test('a network of IPv6 addresses is one', async () => {
  expect(await statuses(2, '2001:db8:0:1::1')).toEqual([200, 200]);
  expect(await statuses(2, '2001:db8:0:1:ffff::2')).toEqual([200, 429]);
  expect(await statuses(1, '2001:db8:0:2::1')).toEqual([200]);
});

test('a proxy on this machine speaks for its visitors; a visitor speaks for nobody', async () => {
  const visitor = (address: string) => ({ 'x-forwarded-for': address });
  expect(await statuses(4, '127.0.0.1', visitor('192.0.2.7'))).toEqual([200, 200, 200, 429]);
  expect(await statuses(1, '127.0.0.1', visitor('192.0.2.8'))).toEqual([200]);
  expect(await statuses(3, '192.0.2.9', visitor('192.0.2.10'))).toEqual([200, 200, 200]);
  expect(await statuses(1, '192.0.2.9', visitor('192.0.2.11'))).toEqual([429]);
});

test('as many addresses are remembered as are allowed', async () => {
  const rates = new RateLimit({ ...RATE, now: () => now });
  for (let i = 0; i < 1_000; i += 1) rates.check({ ip: `192.0.2.${i}` } as Parameters<RateLimit['check']>[0]);
  expect(rates.addresses).toBe(16);
});

test('what was refused is measured', async () => {
  await statuses(5, '192.0.2.1');
  const metrics = await app.inject({ url: '/metrics', remoteAddress: '192.0.2.3' });
  expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(metrics.body).toContain('oversight_http_requests_refused_total 2\n');
});
