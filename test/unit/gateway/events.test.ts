import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT_STREAMS_LIMIT, EVENT_STREAMS_PER_ADDRESS_LIMIT } from '../../../protocols/base/limits.ts';
import { cloudEvent, type NodeEvent } from '../../../protocols/events/index.ts';
import { createGateway, EVENT_STREAM_TIMES, type Gateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';
import { until } from '../../support/until.ts';

const TOKEN = 'a'.repeat(48);

let story: ReturnType<typeof exampleStory>;
let gateway: Gateway;
let faults: unknown[];
let leave: AbortController;

beforeEach(async () => {
  story = exampleStory();
  faults = [];
  leave = new AbortController();
  gateway = await open();
});
afterEach(async () => {
  leave.abort();
  await gateway[Symbol.asyncDispose]();
});

describe('the event stream', () => {
  test('tells what was, then what comes, as CloudEvents in the order of their cursors', async () => {
    const stream = await subscribe('/events');
    const past = await stream.take(26);
    expect(past.map((event) => event.id)).toEqual(past.map((_, index) => String(index + 1)));
    expect(past[0]).toMatchObject({
      specversion: '1.0',
      source: story.node.status().member,
      type: 'org.analog-oversight.member.joined',
      data: { authorName: 'example-lab', summary: 'example-lab joined the federation' },
    });
    const { id } = story.lastVerdict();
    const [verdict, standing] = await stream.take(2);
    expect(verdict).toMatchObject({ subject: id, type: 'org.analog-oversight.verdict.published' });
    expect(standing).toMatchObject({
      type: 'org.analog-oversight.finding.standing-changed',
      data: { finding: story.findings.overdose, to: 'refuted' },
    });
    expect(Number(standing?.id)).toBe(Number(verdict?.id) + 1);
  });

  test('resumes after the cursor, and the header outranks the address', async () => {
    const [event] = await (await subscribe('/events?after=5')).take(1);
    expect(event?.id).toBe('6');
    const [resumed] = await (await subscribe('/events?after=5', { 'last-event-id': '9' })).take(1);
    expect(resumed?.id).toBe('10');
  });

  test('gives only the types asked for, under their own cursors', async () => {
    const stream = await subscribe('/events?type=frontier.released,analog.released');
    expect((await stream.take(2)).map((event) => [event.id, event.data.authorName])).toEqual([
      ['11', 'example-lab'],
      ['12', 'example-lab'],
    ]);
  });

  test('a silent stream is kept alive by comments', async () => {
    await using quick = await open({ heartbeatMs: 5 });
    const stream = await subscribe('/events?after=1000', {}, quick.url);
    await stream.text(':\n\n:\n\n');
  });

  test('ends with the gateway, and twice disposed is once', async () => {
    const stream = await subscribe('/events?after=1000');
    await stream.text('retry: ');
    await gateway[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    await expect(stream.take(1)).rejects.toThrow();
    expect(story.node.subscribers).toBe(0);
  });

  test('leaves nothing behind when the reader goes', async () => {
    await (await subscribe('/events')).take(1);
    expect(story.node.subscribers).toBe(1);
    leave.abort();
    await until(() => story.node.subscribers === 0);
    expect(faults).toEqual([]);
  });

  test('takes no more from the node than a reader takes, and cuts off one that stops', async () => {
    let pulled = 0;
    let released = false;
    story.node.events = async function* (): AsyncIterable<NodeEvent> {
      const data = { filler: 'x'.repeat(10_000) };
      const { id: message, author } = story.frontier;
      try {
        for (;;) {
          pulled += 1;
          yield { cursor: pulled, type: 'message.accepted', message, author, acceptedAt: 0, data };
        }
      } finally {
        released = true;
      }
    };
    await using strict = await open({ stallMs: 300 });
    const socket = connect(Number(new URL(strict.url).port), '127.0.0.1');
    socket.on('error', () => {}); // the gateway resets it
    socket.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket, 'readable'); // and nothing is read: the kernel's buffers fill, then the gateway waits
    await until(() => released);
    socket.destroy();
    expect(pulled * 10_000).toBeLessThan(32 * 1_048_576);
    expect(faults).toEqual([]);
  });

  test('has a bounded number of readers', async () => {
    const addresses = EVENT_STREAMS_LIMIT / EVENT_STREAMS_PER_ADDRESS_LIMIT;
    const readers = Array.from({ length: EVENT_STREAMS_LIMIT }, (_, n) => statusFrom(1 + (n % addresses)));
    expect(new Set(await Promise.all(readers))).toEqual(new Set([200]));
    expect(await statusFrom(100)).toBe(503);
  });

  test('no address takes them all, and what it gives back it may take again', async () => {
    const streams = Array.from({ length: EVENT_STREAMS_PER_ADDRESS_LIMIT }, () => subscribe('/events'));
    await Promise.all(streams);
    const refused = await fetch(`${gateway.url}/events`, { signal: leave.signal });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'subscribers-exhausted' });
    expect(await statusFrom(2)).toBe(200);
    leave.abort();
    leave = new AbortController();
    await until(() => story.node.subscribers === 0);
    await subscribe('/events');
  });
});

test('a port in use is said so', async () => {
  const port = Number(new URL(gateway.url).port);
  await expect(createGateway(story.node, { token: TOKEN, port })).rejects.toMatchObject({
    code: 'port-in-use',
  });
});

function open(times: Partial<typeof EVENT_STREAM_TIMES> = {}): Promise<Gateway> {
  return createGateway(story.node, {
    token: TOKEN,
    port: 0,
    eventStreamTimes: { ...EVENT_STREAM_TIMES, ...times },
    onFault: (error) => faults.push(error),
  });
}

/** Of a stream that is asked for from 127.0.0.n and stays open. */
async function statusFrom(n: number): Promise<number> {
  const asked = get(`${gateway.url}/events`, { localAddress: `127.0.0.${n}`, signal: leave.signal });
  asked.on('error', () => {}); // it is cut off at the end
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => {}).resume();
  return response.statusCode ?? 0;
}

async function subscribe(path: string, headers: Record<string, string> = {}, url = gateway.url) {
  const response = await fetch(`${url}${path}`, { headers, signal: leave.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const body = response.body as ReadableStream<Uint8Array<ArrayBuffer>>;
  const chunks = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  const more = async () => {
    const { value, done } = await chunks.read();
    if (done) throw new Error('the stream ended');
    buffer += value;
  };
  return {
    async text(wanted: string): Promise<void> {
      while (!buffer.includes(wanted)) await more();
    },
    async take(count: number) {
      const events = [];
      while (events.length < count) {
        const end = buffer.indexOf('\n\n');
        if (end < 0) {
          await more();
          continue;
        }
        const lines = buffer.slice(0, end).split('\n');
        buffer = buffer.slice(end + 2);
        const data = lines.find((line) => line.startsWith('data: '));
        if (data === undefined) continue;
        const event = cloudEvent.parse(JSON.parse(data.slice('data: '.length)));
        expect(lines).toContain(`id: ${event.id}`);
        events.push(event);
      }
      return events;
    },
  };
}
