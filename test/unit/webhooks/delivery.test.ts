import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebhookDesk } from '../../../services/webhooks/index.ts';
import { signedHeaders } from '../../../services/webhooks/signature.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { until } from '../../support/until.ts';
import { EventSource, openDesk } from '../../support/webhooks/desk.ts';
import { Receiver, SECRET } from '../../support/webhooks/receiver.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let receiver: Receiver;
let source: EventSource;
let open: ReturnType<typeof openDesk>;
let path: string;

beforeEach(async () => {
  receiver = await Receiver.start();
  source = new EventSource();
  path = join(await freshFolder(), 'webhooks.sqlite');
  open = openDesk(path, source);
});
afterEach(async () => {
  await open.desk[Symbol.asyncDispose]();
  open.file[Symbol.dispose]();
  await receiver[Symbol.asyncDispose]();
});

const subscribe = (after = 0) => open.desk.add({ url: receiver.url, filter: {}, secret: SECRET, after });
const arrived = (count: number) =>
  until(() => receiver.received.length >= count, { what: `${count} deliveries` });
/** Lets time pass whenever the desk waits, until it has. */
async function passing(ms: number, isOver: () => boolean = () => false): Promise<void> {
  receiver.hasOwnTime = true;
  const end = open.timer.now() + ms;
  while (open.timer.now() < end && !isOver()) {
    await until(() => open.timer.waits().length > 0 || isOver());
    const [wait = 0] = open.timer.waits();
    if (!isOver()) open.timer.pass(Math.min(wait, end - open.timer.now()));
  }
}

describe('deliveries', () => {
  test('come signed, once each and in order, and go on as events come', async () => {
    source.tell(40, open.clock.now());
    await subscribe(10);
    await arrived(30);
    source.tell(5, open.clock.now());
    await arrived(35);
    expect(receiver.received.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 35 }, (_, i) => i + 11),
    );
    expect(receiver.forged).toEqual([]);
    expect(receiver.headers[0]).toMatchObject({ 'webhook-id': 'evt_11' });
  });

  test('after an outage of an hour nothing is missing, and the retries were few', async () => {
    source.tell(3, open.clock.now());
    receiver.answer = (_, response) => void response.writeHead(503).end();
    await subscribe();
    await passing(HOUR_MS);
    source.tell(97, open.clock.now());
    expect(receiver.tries).toBeLessThan(15);
    receiver.answer = (_, response) => void response.writeHead(200).end('thank you');
    await passing(HOUR_MS, () => receiver.received.length >= 100);
    await arrived(100);
    expect(receiver.distinct).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(open.desk.list()[0]).toMatchObject({
      cursor: 100,
      failingSince: null,
      attempts: 0,
      deadLetters: 0,
    });
  });

  test('what nobody takes for three days is a dead letter, the next is tried, and a replay sends both', async () => {
    source.tell(1, open.clock.now());
    receiver.answer = ({ id }, response) => void response.writeHead(id === '1' ? 500 : 204).end();
    const { id } = await subscribe();
    await passing(3 * DAY_MS, () => open.desk.dead(id, 0, 10).length > 0);
    source.tell(1, open.clock.now());
    await passing(HOUR_MS, () => receiver.received.length > 0);
    expect(open.desk.dead(id, 0, 10)).toMatchObject([{ cursor: 1, reason: '500' }]);
    expect(receiver.distinct).toEqual([2]);
    receiver.answer = (_, response) => void response.writeHead(204).end();
    await open.desk.replay(id, 0);
    await arrived(3);
    expect(receiver.received.map((event) => event.id)).toEqual(['2', '1', '2']);
    expect(open.desk.dead(id, 0, 10)).toEqual([]);
  });

  test('another process goes on where this one was', async () => {
    source.tell(20, open.clock.now());
    await subscribe();
    await arrived(20);
    await until(() => open.desk.list()[0]?.cursor === 20);
    await open.desk[Symbol.asyncDispose]();
    open.file[Symbol.dispose]();
    open = openDesk(path, source);
    open.desk.start();
    source.tell(1, open.clock.now());
    await arrived(21);
    expect(receiver.received.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 21 }, (_, i) => i + 1),
    );
  });

  test('a subscriber that is gone is left alone until a replay', async () => {
    source.tell(1, open.clock.now());
    receiver.answer = (_, response) => void response.writeHead(410).end();
    const { id } = await subscribe();
    await until(() => open.desk.list()[0]?.state === 'gone');
    receiver.answer = (_, response) => void response.writeHead(204).end();
    await open.desk.replay(id, 0);
    await arrived(1);
    expect(open.desk.list()[0]?.state).toBe('active');
  });

  test.each([
    ['seconds', 503, () => '3600', HOUR_MS],
    ['a date', 429, (now: number) => new Date(now + 2 * HOUR_MS).toUTCString(), 2 * HOUR_MS],
    ['a week: a day', 429, () => '604800', DAY_MS],
    ['a date that has passed', 503, () => 'Wed, 21 Oct 2015 07:28:00 GMT', 5_000],
    ['less than the first pause', 429, () => '1', 5_000],
    ['neither', 503, () => 'soon', 5_000],
    ['of an answer that does not ask', 500, () => '3600', 5_000],
  ])('wait as long as the subscriber asks: %s', async (_, status, header, wanted) => {
    source.tell(1, open.clock.now());
    receiver.answer = (_event, response) =>
      void response.writeHead(status, { 'retry-after': header(open.clock.now()) }).end();
    await subscribe();
    await until(() => open.timer.waits().length > 0);
    // dates are in whole seconds
    const [wait = 0] = open.timer.waits();
    expect(Math.abs(wait - wanted)).toBeLessThanOrEqual(1_000);
    receiver.answer = (_event, response) => void response.writeHead(204).end();
    await passing(wait + 1_000, () => receiver.received.length > 0);
    await arrived(1);
    expect(receiver.tries).toBe(2);
  });

  test('a redirect is not followed', async () => {
    await using elsewhere = await Receiver.start();
    source.tell(1, open.clock.now());
    receiver.answer = (_, response) => void response.writeHead(307, { location: elsewhere.url }).end();
    await subscribe();
    await until(() => open.timer.waits().length > 0);
    expect(elsewhere.tries).toBe(0);
    expect(open.desk.list()[0]).toMatchObject({ cursor: 0, attempts: 1 });
  });

  test('an answer without end is cut off', async () => {
    source.tell(2, open.clock.now());
    receiver.answer = (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more).on('error', () => {});
      more();
    };
    await subscribe();
    await arrived(2);
  });

  test('one that is removed gets no more, and its dead letters are forgotten', async () => {
    const { id } = await subscribe();
    await open.desk.remove(id);
    source.tell(1, open.clock.now());
    expect(open.desk.list()).toEqual([]);
    expect(() => open.desk.dead(id, 0, 1)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(receiver.tries).toBe(0);
  });
});

test('signatures are those of the reference library', () => {
  const at = new Date('2026-11-21T10:00:00.123Z');
  const body = '{"a":"é"}';
  const headers = signedHeaders(Buffer.alloc(32, 7), { id: 'evt_1', body, atMs: at.getTime() });
  expect(headers['webhook-signature']).toBe(new Webhook(SECRET).sign('evt_1', at, body));
});

test('a desk that is closed twice is closed', async () => {
  await open.desk[Symbol.asyncDispose]();
  await open.desk[Symbol.asyncDispose]();
  expect(open.desk).toBeInstanceOf(WebhookDesk);
});
