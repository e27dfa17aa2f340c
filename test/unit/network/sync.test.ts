import { describe, expect, it } from 'vitest';
import { MEMBERS_LIMIT, SYNC_HEADS_LIMIT, SYNC_RANGE_LIMIT } from '../../../protocols/base/limits.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import type { FeedHead } from '../../../services/network/index.ts';
import {
  encodeHeads,
  encodeRequest,
  parseHeads,
  parseRequest,
} from '../../../services/network/sync/protocol.ts';
import { serveSync } from '../../../services/network/sync/serve.ts';
import { memberOf } from '../../support/media.ts';
import { feedMessage, TestLedger } from '../../support/test-ledger.ts';

const { signal } = new AbortController();
const AUTHOR = memberOf('author');
const HEAD = documentCid(encode('head')).toString();

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('sync requests', () => {
  it.each([{ op: 'heads' as const }, { op: 'range' as const, author: AUTHOR, from: 0, to: 9 }])(
    'round-trip: $op',
    (request) => {
      expect(parseRequest(encodeRequest(request))).toEqual({ ok: true, value: request });
    },
  );

  it.each([
    ['no CBOR', new Uint8Array([0xff])],
    ['an unknown op', encode({ op: 'delete' })],
    ['an unknown field', encode({ op: 'heads', all: true })],
    ['no author', encode({ op: 'range', author: '../..', from: 0, to: 1 })],
    ['a negative sequence', encode({ op: 'range', author: AUTHOR, from: -1, to: 1 })],
    ['a fraction', encode({ op: 'range', author: AUTHOR, from: 0.5, to: 1 })],
  ])('are refused: %s', (_, bytes) => {
    expect(parseRequest(bytes)).toMatchObject({ ok: false, reason: 'not-a-request' });
  });
});

describe('heads', () => {
  const heads = (count: number): FeedHead[] =>
    Array.from({ length: count }, (_, i) => ({ author: AUTHOR, length: i, head: i === 0 ? null : HEAD }));

  it('come in frames of a bounded size', async () => {
    const frames = await collect(encodeHeads(heads(SYNC_HEADS_LIMIT + 1)));
    expect(frames).toHaveLength(2);
    const parsed = frames.flatMap((frame) => {
      const result = parseHeads(frame);
      return result.ok ? result.value : [];
    });
    expect(parsed).toEqual(heads(SYNC_HEADS_LIMIT + 1));
  });

  it('stop at the number of members a charter can have', async () => {
    const frames = await collect(encodeHeads(heads(MEMBERS_LIMIT + 10)));
    expect(frames).toHaveLength(MEMBERS_LIMIT / SYNC_HEADS_LIMIT);
  });

  it('are refused when one frame holds too many', () => {
    expect(parseHeads(encode(heads(SYNC_HEADS_LIMIT + 1)))).toMatchObject({ ok: false, reason: 'not-heads' });
  });
});

describe('serving', () => {
  const ledger = new TestLedger();
  const messages = Array.from({ length: SYNC_RANGE_LIMIT + 10 }, (_, i) =>
    ledger.store(feedMessage('author', i)),
  );
  const range = (from: number, to: number) =>
    collect(serveSync(ledger, encodeRequest({ op: 'range', author: AUTHOR, from, to }), { signal }));

  it('answers a range, the end left out', async () => {
    expect(await range(2, 5)).toEqual(messages.slice(2, 5).map((message) => message.wire));
  });

  it('answers no more than the limit', async () => {
    expect(await range(0, Number.MAX_SAFE_INTEGER)).toHaveLength(SYNC_RANGE_LIMIT);
  });

  it('answers nothing for a feed it does not have', async () => {
    expect(await range(5, 5)).toEqual([]);
    expect(await range(100_000, 100_001)).toEqual([]);
  });

  it('throws at what is no request', async () => {
    await expect(collect(serveSync(ledger, new Uint8Array([1]), { signal }))).rejects.toMatchObject({
      code: 'peer-failed',
    });
  });
});
