import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { frameHead } from '../../../services/checkpoints/blob/frames.ts';
import type { StreamHost } from '../../../services/checkpoints/blob/stream-host.ts';
import { BLOB_PROTOCOL, PRESENCE, STATUS, WANTS_LIMIT } from '../../../services/checkpoints/blob/wire.ts';
import { contentId, leafCid, nodeCid } from '../../../services/checkpoints/block.ts';
import {
  BlobServer,
  type BlockSource,
  EmbeddedStore,
  fetchDirectory,
  PeerSource,
  type SourceFault,
  verifyBlock,
} from '../../../services/checkpoints/index.ts';
import type { BlockReader } from '../../../services/checkpoints/store.ts';
import { encodeDirectoryNode, encodeFileNode } from '../../../services/checkpoints/unixfs/nodes.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { pattern, writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';
import { collect, MemoryNetwork } from './memory-stream-host.ts';

const LIMITS = { bytes: 1e9 };
const signal = () => new AbortController().signal;

async function publisher() {
  const folder = await freshFolder();
  await writeGoldenTree(folder, { few: true });
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, { signal: signal() });
  return { store, cid, folder, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

const half = (cid: ContentId) => cid.charCodeAt(cid.length - 1) % 2;

/** A host whose peer `bad` answers every request with these bytes. */
async function badPeer(network: MemoryNetwork, answer: Uint8Array | 'silence'): Promise<void> {
  await network.host('bad').handle(BLOB_PROTOCOL, async (stream, { signal }) => {
    if (answer === 'silence') return new Promise(() => undefined);
    const reading = collect(stream.source);
    await stream.write(answer, { signal });
    await stream.closeWrite();
    await reading;
  });
}

async function fetchWith(cid: ContentId, sources: readonly BlockSource[], stallTimeoutMs = 5_000) {
  const faults: SourceFault[] = [];
  await using store = await EmbeddedStore.open(await freshFolder());
  const fetched = await fetchDirectory(store, sources, cid, {
    signal: signal(),
    limits: LIMITS,
    stallTimeoutMs,
    onFault: (fault) => void faults.push(fault),
  });
  if (fetched.ok) await store.verify(cid, { signal: signal() });
  return { fetched, faults };
}

describe('fetch over the blob protocol', () => {
  it('brings a directory from one peer', async () => {
    await using origin = await publisher();
    const network = new MemoryNetwork();
    await using _server = await BlobServer.start(network.host('origin'), origin.store);
    const source = new PeerSource(network.host('reader'), 'origin');
    expect(await source.has([origin.cid, ABSENT], { signal: signal() })).toEqual([true, false]);
    const { fetched, faults } = await fetchWith(origin.cid, [source]);
    expect(fetched).toMatchObject({ ok: true, value: { cid: origin.cid } });
    expect(faults).toEqual([]);
  });

  it('puts a directory together from two peers with one half each', async () => {
    await using origin = await publisher();
    const network = new MemoryNetwork();
    const part = (rest: number): BlockReader => ({
      hasBlock: async (cid) => half(cid) === rest && (await origin.store.hasBlock(cid)),
      block: async (cid) => (half(cid) === rest ? origin.store.block(cid) : null),
    });
    await using _even = await BlobServer.start(network.host('even'), part(0));
    await using _odd = await BlobServer.start(network.host('odd'), part(1));
    const reader = network.host('reader');
    const sources = ['even', 'odd'].map((peer) => new PeerSource(reader, peer));
    expect((await fetchWith(origin.cid, sources)).fetched.ok).toBe(true);
    await expect(fetchWith(origin.cid, sources.slice(1))).rejects.toMatchObject({ code: 'blob-not-found' });
  });

  const ok = frameHead(1, STATUS.ok);
  const answers: readonly (readonly [code: string, how: string, answer: Uint8Array | 'silence'])[] = [
    ['block-wrong', 'bytes of another block', concatBytes(ok, frameHead(4, PRESENCE.present, 1, 2, 3))],
    ['answer-invalid', 'a frame of 4 GiB', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1)],
    ['answer-invalid', 'a frame of nothing', new Uint8Array(4)],
    ['answer-invalid', 'an unknown status', frameHead(1, 77)],
    ['answer-invalid', 'a refusal', frameHead(1, STATUS.refused)],
    ['answer-invalid', 'neither present nor absent', concatBytes(ok, frameHead(1, 9))],
    ['answer-invalid', 'the end inside a frame', concatBytes(ok, frameHead(100, PRESENCE.present))],
    [
      'answer-invalid',
      'more than was asked for',
      concatBytes(ok, ...Array(20).fill(frameHead(1, PRESENCE.absent))),
    ],
    ['closed', 'the end before the answer', ok],
    ['closed', 'nothing', new Uint8Array()],
    ['stalled', 'silence', 'silence'],
  ];
  it.each(answers)('reports a peer by code (%s: %s) and goes on with another', async (code, _how, answer) => {
    await using origin = await publisher();
    const network = new MemoryNetwork();
    await badPeer(network, answer);
    await using _server = await BlobServer.start(network.host('origin'), origin.store);
    const reader = network.host('reader');
    const bad = new PeerSource(reader, 'bad');
    const { fetched, faults } = await fetchWith(
      origin.cid,
      [bad, new PeerSource(reader, 'origin')],
      answer === 'silence' ? 300 : 5_000,
    );
    expect(fetched.ok).toBe(true);
    expect(faults[0]).toMatchObject({ source: 'libp2p:bad', code });
    await expect(fetchWith(origin.cid, [bad], 50)).rejects.toMatchObject({ code: 'blob-not-found' });
  });

  it('counts a peer that is not there as closed', async () => {
    await using origin = await publisher();
    const gone = new PeerSource(new MemoryNetwork().host('reader'), 'gone');
    const { faults } = await fetchWith(origin.cid, [gone, new StoreSource('whole', origin.store)]);
    expect(faults[0]).toMatchObject({ source: 'libp2p:gone', code: 'closed' });
  });

  it('gives no block of a file that changed', async () => {
    await using origin = await publisher();
    const outcomes: string[] = [];
    const network = new MemoryNetwork();
    await using _server = await BlobServer.start(network.host('origin'), origin.store, {
      onEvent: ({ outcome }) => void outcomes.push(outcome),
    });
    await writeFile(join(origin.folder, 'three-leaves'), pattern(3 * 1_048_576).fill(7, 3_000_000));
    const fetching = fetchWith(origin.cid, [new PeerSource(network.host('reader'), 'origin')]);
    await expect(fetching).rejects.toMatchObject({ code: 'blob-not-found' });
    expect(outcomes).toContain('corrupt');
  });

  it('stops when told to', async () => {
    await using origin = await publisher();
    const network = new MemoryNetwork();
    await badPeer(network, 'silence');
    await using store = await EmbeddedStore.open(await freshFolder());
    const stop = new AbortController();
    const fetching = fetchDirectory(store, [new PeerSource(network.host('reader'), 'bad')], origin.cid, {
      signal: stop.signal,
      limits: LIMITS,
    });
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('blob server', () => {
  async function ask(host: StreamHost, request: Uint8Array): Promise<Uint8Array> {
    const stream = await host.open('origin', BLOB_PROTOCOL, { signal: signal() });
    await stream.write(request, { signal: signal() });
    await stream.closeWrite();
    return concatBytes(...(await collect(stream.source)));
  }

  it.each([
    ['nothing', new Uint8Array()],
    ['an unknown operation', frameHead(37, 9, ...new Array(36).fill(0))],
    ['no CIDs', frameHead(1, 2)],
    ['a CID cut short', frameHead(20, 2, ...new Array(19).fill(1))],
    ['36 bytes that are no CID', frameHead(37, 2, ...new Array(36).fill(1))],
    [
      'too many wants',
      concatBytes(frameHead(1 + 36 * (WANTS_LIMIT.get + 1), 2), new Uint8Array(36 * (WANTS_LIMIT.get + 1))),
    ],
    ['a frame over the limit', Uint8Array.of(0x7f, 0xff, 0xff, 0xff)],
    ['half a prefix', Uint8Array.of(0, 0)],
  ])('refuses %s', async (_name, request) => {
    await using origin = await publisher();
    const outcomes: string[] = [];
    const network = new MemoryNetwork();
    await using _server = await BlobServer.start(network.host('origin'), origin.store, {
      onEvent: ({ outcome }) => void outcomes.push(outcome),
    });
    expect(await ask(network.host('reader'), request)).toEqual(frameHead(1, STATUS.refused));
    expect(outcomes).toEqual(['refused']);
  });

  it('is busy for a peer with too many requests, and free again when they end', async () => {
    await using origin = await publisher();
    const network = new MemoryNetwork();
    await using _server = await BlobServer.start(network.host('origin'), origin.store, {
      requestsOfPeerLimit: 1,
    });
    const host = network.host('reader');
    const held = await host.open('origin', BLOB_PROTOCOL, { signal: signal() });
    expect(await ask(host, new Uint8Array()).catch(() => null)).toEqual(frameHead(1, STATUS.busy));
    await held.closeWrite();
    await collect(held.source);
    const source = new PeerSource(host, 'origin');
    await expect.poll(() => source.has([origin.cid], { signal: signal() })).toEqual([true]);
  });

  it('lets go of a peer that does not ask', async () => {
    await using origin = await publisher();
    const { promise, resolve } = Promise.withResolvers<string>();
    const network = new MemoryNetwork();
    await using _server = await BlobServer.start(network.host('origin'), origin.store, {
      idleTimeoutMs: 20,
      onEvent: ({ outcome }) => resolve(outcome),
    });
    await network.host('reader').open('origin', BLOB_PROTOCOL, { signal: signal() });
    expect(await promise).toBe('stalled');
  });
});

describe('content that is no checkpoint', () => {
  const leaf = pattern(10);
  const small = { cid: leafCid(leaf), tsize: leaf.length };
  const big = { cid: leafCid(pattern(1_048_576)), sizeBytes: 1_048_576, tsize: 1_048_576 };

  const cases: readonly (readonly [reason: string, how: string, nodes: () => readonly Uint8Array[]])[] = [
    ['node-invalid', 'garbage', () => [pattern(50)]],
    ['name-invalid', 'a path that leaves', () => [encodeDirectoryNode([{ name: '..', ...small }]).bytes]],
    ['name-invalid', 'a slash', () => [encodeDirectoryNode([{ name: 'a/b', ...small }]).bytes]],
    ['name-invalid', 'a hidden file', () => [encodeDirectoryNode([{ name: '.npmrc', ...small }]).bytes]],
    [
      'name-invalid',
      'two names in case alone',
      () => [
        encodeDirectoryNode([
          { name: 'A', ...small },
          { name: 'a', ...small },
        ]).bytes,
      ],
    ],
    [
      'node-invalid',
      'a leaf larger than a leaf',
      () => [encodeDirectoryNode([{ name: 'a', cid: small.cid, tsize: 2e6 }]).bytes],
    ],
    [
      'node-invalid',
      'a leaf of another size',
      () => [encodeDirectoryNode([{ name: 'a', cid: small.cid, tsize: 9 }]).bytes],
    ],
    [
      'node-invalid',
      'a leaf said to be empty',
      () => [encodeDirectoryNode([{ name: 'a', cid: small.cid, tsize: 0 }]).bytes],
    ],
    ['not-a-directory', 'a file as the root', () => [encodeFileNode([big, big]).bytes]],
    [
      'too-large',
      'a petabyte',
      () => {
        const file = encodeFileNode([{ ...big, sizeBytes: 1e15 }]);
        return [encodeDirectoryNode([{ name: 'model.safetensors', ...file }]).bytes, file.bytes];
      },
    ],
    [
      'node-invalid',
      'chunks of another size',
      () => {
        const part = { ...big, sizeBytes: 700_000, tsize: 700_000 };
        const file = encodeFileNode([part, part]);
        return [encodeDirectoryNode([{ name: 'model.safetensors', ...file }]).bytes, file.bytes];
      },
    ],
    [
      'node-invalid',
      'a total the parent made up',
      () => {
        const file = encodeFileNode([big, big]);
        return [encodeDirectoryNode([{ name: 'm', cid: file.cid, tsize: 5 }]).bytes, file.bytes];
      },
    ],
    [
      'too-many-files',
      'folders that double with every level',
      () => {
        let node = encodeDirectoryNode([]);
        const nodes = [node.bytes];
        for (let i = 0; i < 13; i++) {
          node = encodeDirectoryNode(['a', 'b'].map((name) => ({ name, cid: node.cid, tsize: node.tsize })));
          nodes.unshift(node.bytes);
        }
        return nodes;
      },
    ],
    [
      'too-deep',
      'a chain of folders',
      () => {
        let node = encodeDirectoryNode([]);
        const nodes = [node.bytes];
        for (let i = 0; i < 30; i++) {
          node = encodeDirectoryNode([{ name: 'a', cid: node.cid, tsize: node.tsize }]);
          nodes.unshift(node.bytes);
        }
        return nodes;
      },
    ],
  ];

  it.each(cases)('is refused: %s (%s)', async (reason, _how, make) => {
    const nodes = make();
    const blocks = new Map(nodes.map((bytes) => [contentId(nodeCid(bytes)), bytes]));
    blocks.set(contentId(small.cid), leaf);
    const reader: BlockReader = {
      hasBlock: async (cid) => blocks.has(cid),
      block: async (cid) => blocks.get(cid) ?? null,
    };
    const root = contentId(nodeCid(nodes[0] as Uint8Array));
    const { fetched } = await fetchWith(root, [new StoreSource('hostile', reader)]);
    expect(fetched).toMatchObject({ ok: false, reason });
  });

  it('is refused: a leaf as the root', async () => {
    const root = contentId(small.cid);
    expect((await fetchWith(root, [])).fetched).toMatchObject({ ok: false, reason: 'not-a-directory' });
    expect(verifyBlock(root, leaf).ok).toBe(true);
  });
});

const ABSENT = contentId(leafCid(pattern(11)));
