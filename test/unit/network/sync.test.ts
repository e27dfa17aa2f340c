import { describe, expect, it } from 'vitest';
import {
  FEEDS_LIMIT,
  SYNC_FRAME_LIMIT_BYTES,
  SYNC_HEADS_LIMIT,
  SYNC_RANGE_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { encodeEntryBundle, TILE_WIDTH, verifyConsistency } from '../../../protocols/feed/index.ts';
import type { FeedHead } from '../../../services/network/index.ts';
import { AskedPeer } from '../../../services/network/sync/ask.ts';
import { splitEntries } from '../../../services/network/sync/entries.ts';
import {
  encodeHeads,
  encodeRequest,
  parseHeads,
  parseRequest,
  parseWitnessAnswer,
  type SyncRequest,
  splitHashes,
} from '../../../services/network/sync/protocol.ts';
import { serveSync } from '../../../services/network/sync/serve.ts';
import { memberOf } from '../../support/media.ts';
import { feedMessage, TestLedger } from '../../support/test-ledger.ts';

const { signal } = new AbortController();
const AUTHOR = memberOf('author');
const HEAD = documentCid(encode('head')).toString();
const ROOT = Uint8Array.from({ length: 32 }, (_, i) => i);
const SIGNATURE = Uint8Array.from({ length: 64 }, (_, i) => i);

async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('sync requests', () => {
  it.each<SyncRequest>([
    { op: 'heads' },
    { op: 'range', author: AUTHOR, from: 0, to: 9 },
    { op: 'evidence', author: AUTHOR },
    { op: 'root', author: AUTHOR, size: 3 },
    { op: 'consistency', author: AUTHOR, from: 3, to: 9 },
    { op: 'add-checkpoint', body: 'old 3\n' },
  ])('round-trip: $op', (request) => {
    expect(parseRequest(encodeRequest(request))).toEqual({ ok: true, value: request });
  });

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
    Array.from({ length: count }, (_, i) => ({
      author: AUTHOR,
      length: i,
      head: i === 0 ? null : HEAD,
      fork: i === 2 ? 1 : null,
      signed: i === 1 ? { author: AUTHOR, size: 1, root: ROOT, signature: SIGNATURE } : null,
    }));

  it('come in frames of a bounded size', async () => {
    const frames = await collect(encodeHeads(heads(SYNC_HEADS_LIMIT + 1)));
    expect(frames).toHaveLength(2);
    const parsed = frames.flatMap((frame) => {
      const result = parseHeads(frame);
      return result.ok ? result.value : [];
    });
    expect(parsed).toEqual(heads(SYNC_HEADS_LIMIT + 1));
  });

  it('stop at the number of feeds a federation can have', async () => {
    const frames = await collect(encodeHeads(heads(FEEDS_LIMIT + 10)));
    expect(frames).toHaveLength(FEEDS_LIMIT / SYNC_HEADS_LIMIT);
  });

  it('fit in a frame', async () => {
    const full = heads(SYNC_HEADS_LIMIT).map((head) => ({ ...head, ...heads(2)[1] }));
    for (const frame of await collect(encodeHeads(full)))
      expect(frame.length).toBeLessThanOrEqual(SYNC_FRAME_LIMIT_BYTES);
  });

  it('are refused when one frame holds too many', () => {
    expect(parseHeads(encode(heads(SYNC_HEADS_LIMIT + 1)))).toMatchObject({ ok: false, reason: 'not-heads' });
  });
});

describe('serving', () => {
  const ledger = new TestLedger();
  const messages = Array.from({ length: TILE_WIDTH + 10 }, (_, i) => ledger.store(feedMessage('author', i)));
  const peer = { transport: 'memory', id: 'asker' } as const;
  const serve = (request: SyncRequest) =>
    collect(serveSync(ledger, null, encodeRequest(request), peer, { signal }));
  const range = async (from: number, to: number) =>
    (await serve({ op: 'range', author: AUTHOR, from, to })).flatMap((frame) => splitEntries(frame) ?? []);

  it('answers a range, the end left out', async () => {
    expect(await range(2, 5)).toEqual(messages.slice(2, 5).map(({ wire }) => Uint8Array.from(wire)));
  });

  it('answers a long range in several frames', async () => {
    expect(await range(0, Number.MAX_SAFE_INTEGER)).toHaveLength(messages.length);
    const frames = await serve({ op: 'range', author: AUTHOR, from: 0, to: messages.length });
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.length).toBeLessThan(5);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(SYNC_FRAME_LIMIT_BYTES);
  });

  it('answers no more bytes than the limit', async () => {
    const large = new TestLedger();
    for (let i = 0; i < 80; i++) large.store(feedMessage('author', i, 'x'.repeat(60_000)));
    const request = encodeRequest({ op: 'range', author: AUTHOR, from: 0, to: 80 });
    const frames = await collect(serveSync(large, null, request, peer, { signal }));
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(bytes).toBeLessThanOrEqual(SYNC_RANGE_LIMIT_BYTES);
    expect(bytes).toBeGreaterThan(SYNC_RANGE_LIMIT_BYTES - 200_000);
  });

  it('answers nothing for a feed it does not have', async () => {
    expect(await range(5, 5)).toEqual([]);
    expect(await range(100_000, 100_001)).toEqual([]);
    expect(await serve({ op: 'evidence', author: memberOf('other') })).toEqual([]);
    expect(await serve({ op: 'root', author: memberOf('other'), size: 1 })).toEqual([]);
  });

  it('proves that a feed has only grown', async () => {
    const tree = ledger.tree(AUTHOR);
    const [fromRoot] = await serve({ op: 'root', author: AUTHOR, size: 100 });
    expect(fromRoot).toEqual(tree.root(100));
    const [frame] = await serve({ op: 'consistency', author: AUTHOR, from: 100, to: 200 });
    const proof = splitHashes(frame as Uint8Array) ?? [];
    const claim = { from: 100, fromRoot: tree.root(100), to: 200, toRoot: tree.root(200), proof };
    expect(verifyConsistency(claim)).toBe(true);
    expect(await serve({ op: 'consistency', author: AUTHOR, from: 200, to: 100 })).toEqual([]);
    expect(await serve({ op: 'consistency', author: AUTHOR, from: 1, to: 100_000 })).toEqual([]);
  });

  it('passes a checkpoint on to the witness, where there is one', async () => {
    const answer = { status: 200, contentType: 'text/plain; charset=utf-8', body: 'as it came\n' };
    const request = encodeRequest({ op: 'add-checkpoint', body: 'old 0\n' });
    const [frame] = await collect(
      serveSync(ledger, async (body) => ({ ...answer, body }), request, peer, { signal }),
    );
    expect(parseWitnessAnswer(frame as Uint8Array)).toEqual({
      ok: true,
      value: { ...answer, body: 'old 0\n' },
    });
    await expect(serve({ op: 'add-checkpoint', body: 'old 0\n' })).rejects.toMatchObject({
      code: 'peer-failed',
    });
  });

  it('throws at what is no request', async () => {
    await expect(
      collect(serveSync(ledger, null, new Uint8Array([1]), peer, { signal })),
    ).rejects.toMatchObject({
      code: 'peer-failed',
    });
  });
});

describe('asking', () => {
  const wires = [1, 2, 3].map((byte) => Uint8Array.of(byte));
  const peer = new AskedPeer(
    { transport: 'memory', id: 'generous' },
    async function* () {
      yield encodeEntryBundle(wires);
    },
    signal,
  );

  it('takes a range that is no longer than asked for', async () => {
    expect(await peer.range(AUTHOR, 0, 3)).toEqual(wires);
    expect(await peer.range(AUTHOR, 0, 9)).toEqual(wires);
  });

  it('takes none that is longer: more than a quota allows may stand in it', async () => {
    await expect(peer.range(AUTHOR, 0, 2)).rejects.toMatchObject({ code: 'peer-failed' });
  });
});

describe('bundles of entries', () => {
  it.each([
    ['a length without its end', [0]],
    ['an entry that is cut short', [0, 3, 1, 2]],
    ['an empty entry', [0, 0]],
  ])('are refused: %s', (_, bytes) => {
    expect(splitEntries(Uint8Array.from(bytes))).toBeNull();
  });
});
