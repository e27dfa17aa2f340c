import { expect, test } from 'vitest';
import { buildGateway } from '../../../services/gateway/index.ts';
import { InMemoryNode } from '../../support/in-memory-node.ts';
import {
  analogBody,
  contentCid,
  frontierBody,
  PINNED_UNTIL,
  pinBody,
  pinCheckBody,
} from '../../support/samples.ts';

const token = 'a'.repeat(48);
const headers = { authorization: `Bearer ${token}` };
const RELEASED = 'analog checkpoint';
const at = 1_790_000_000_000 + 1_000;

/** An analog that the regulator and the lab promise to keep; a verifier asked both. */
function released(): InMemoryNode {
  const node = new InMemoryNode('example-regulator');
  const { id } = node.hear('example-lab', 'frontier-release/1', frontierBody('big'));
  node.hear('example-lab', 'analog-release/1', analogBody(id));
  const own = node.hear('example-lab', 'pin/1', pinBody(RELEASED));
  const other = node.hear('example-regulator', 'pin/1', pinBody(RELEASED));
  const entries = [{ pin: other.id }, { pin: own.id, answered: 4, fault: 'absent' as const }];
  node.hear('verifier-north', 'pin-check/1', pinCheckBody(entries));
  return node;
}

/** The last line of an answer that tells how work goes on. */
const lastOf = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1) ?? '');

test('copies of a release, at a date', async () => {
  await using app = await buildGateway(released(), { token });
  const answer = await app.inject(`/copies?at=${at}`);
  expect(answer.json()).toMatchObject({
    at,
    releases: [
      {
        checkpoint: contentCid(RELEASED),
        promised: 2,
        shown: 1,
        independent: 1,
        copies: [
          { member: 'example-lab', state: 'failed', isOwn: true },
          { member: 'example-regulator', state: 'shown', isOwn: false },
        ],
      },
    ],
  });
  const over = await app.inject(`/copies?at=${PINNED_UNTIL}`);
  expect(over.json()).toMatchObject({ releases: [{ promised: 0, shown: 0, copies: [] }] });
  expect((await app.inject('/copies?at=yesterday')).statusCode).toBe(400);
});

test('a promise and its withdrawal are messages; only the owner has them said', async () => {
  const node = released();
  await using app = await buildGateway(node, { token });
  const cid = contentCid('another');
  const ask = (until: number | null) => ({ method: 'POST', url: '/pins', payload: { cid, until } }) as const;
  expect((await app.inject(ask(1))).statusCode).toBe(401);
  const promised = await app.inject({ ...ask(PINNED_UNTIL), headers });
  const pin = node.record().record.pins.find(({ checkpoint }) => checkpoint === cid);
  expect(lastOf(promised.body)).toEqual({ message: pin?.id });
  await app.inject({ ...ask(null), headers });
  expect(node.record().record.pins.some(({ checkpoint }) => checkpoint === cid)).toBe(false);
  const again = await app.inject({ ...ask(null), headers });
  expect(lastOf(again.body)).toMatchObject({ problem: { code: 'not-found', status: 404 } });
  for (const payload of [{ cid: 'x', until: 1 }, { cid }, { cid, until: -1 }])
    expect((await app.inject({ method: 'POST', url: '/pins', payload, headers })).statusCode).toBe(400);
});

test('garbage is collected for the owner', async () => {
  await using app = await buildGateway(released(), { token });
  const collect = { method: 'POST', url: '/gc', payload: { dryRun: true } } as const;
  expect((await app.inject(collect)).statusCode).toBe(401);
  const answer = await app.inject({ ...collect, headers });
  expect(answer.json()).toMatchObject({ dryRun: true, collected: [{ state: 'partial', sizeBytes: 12 }] });
});
