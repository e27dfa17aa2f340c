import { expect, it } from 'vitest';
import type { ContentId } from '../../../protocols/base/ids.ts';
import {
  type BlockSource,
  EmbeddedStore,
  fetchDirectory,
  SourceError,
  type SourceFault,
  type SourceFaultCode,
} from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

const started = () => ({ signal: new AbortController().signal });
/** Longer than any test: who waits for it fails. */
const STALL_MS = 60_000;

async function published(options: { readonly few: boolean } = { few: true }) {
  const folder = await freshFolder();
  await writeGoldenTree(folder, options);
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, started());
  return { store, cid, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

async function fetchFrom(cid: ContentId, sources: readonly BlockSource[]) {
  const faults: SourceFault[] = [];
  await using reader = await EmbeddedStore.open(await freshFolder());
  const fetched = await fetchDirectory(reader, sources, cid, {
    ...started(),
    limits: { bytes: 1e9 },
    stallTimeoutMs: STALL_MS,
    onFault: (fault) => void faults.push(fault),
  });
  return { ok: fetched.ok, faults };
}

/** Fails with this code: every time, or the first `times`, and then gives what `from` has. */
function failing(name: string, code: SourceFaultCode, from: StoreSource, times = Number.POSITIVE_INFINITY) {
  let left = times;
  const source: BlockSource = {
    name,
    has: (cids) => from.has(cids),
    async *blocks(cids) {
      if (left-- > 0) throw new SourceError(code, 'as the test wants it');
      yield* from.blocks(cids);
    },
  };
  return source;
}

function standby(from: StoreSource, insteadOf: string): BlockSource {
  return { name: from.name, insteadOf, has: (cids) => from.has(cids), blocks: (cids) => from.blocks(cids) };
}

it('asks the dearer way to a store only once the cheaper one is left alone', async () => {
  await using origin = await published();
  const gateway = new StoreSource('gateway', origin.store);
  const peer = new StoreSource('peer', origin.store);
  expect(await fetchFrom(origin.cid, [standby(peer, 'gateway'), gateway])).toEqual({ ok: true, faults: [] });
  expect(peer.given).toEqual([]);

  const closed = failing('gateway', 'closed', gateway);
  const { ok, faults } = await fetchFrom(origin.cid, [standby(peer, 'gateway'), closed]);
  expect(ok).toBe(true);
  expect(new Set(faults.map(({ source, code }) => `${source} ${code}`))).toEqual(new Set(['gateway closed']));
  expect(peer.given.length).toBeGreaterThan(0);
});

it('asks a liar by no other way, and names it where nobody else has the content', async () => {
  await using origin = await published();
  const peer = new StoreSource('peer', origin.store);
  const liar = failing('gateway', 'block-wrong', peer);
  await expect(fetchFrom(origin.cid, [liar, standby(peer, 'gateway')])).rejects.toMatchObject({
    code: 'blob-not-found',
    details: { leftAlone: 'gateway (block-wrong)' },
  });
  expect(peer.given).toEqual([]);
});

it('waits for a source that is busy', async () => {
  await using origin = await published();
  const busy = failing('busy', 'busy', new StoreSource('whole', origin.store), 3);
  const { ok, faults } = await fetchFrom(origin.cid, [busy]);
  expect(ok).toBe(true);
  expect(faults.map(({ code }) => code)).toEqual(['busy', 'busy', 'busy']);
});

it('ends all that a liar was asked at its first wrong block', async () => {
  await using origin = await published({ few: false });
  const nodes = new StoreSource('nodes', origin.store, (cid) => cid.startsWith('bafkrei'));
  let asked = 0;
  let ended = 0;
  const liar: BlockSource = {
    name: 'liar',
    lanes: 3,
    has: async (cids) => cids.map(() => true),
    blocks: (cids, { signal }) => hang(cids, signal),
  };
  async function* hang(cids: readonly ContentId[], signal: AbortSignal) {
    if (!cids.some((cid) => cid.startsWith('bafkrei'))) return; // the nodes come from the other
    if (++asked === 2) throw new SourceError('block-wrong', 'as the test wants it');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    ended++;
    yield* [];
  }
  await expect(fetchFrom(origin.cid, [liar, nodes])).rejects.toMatchObject({
    details: { leftAlone: 'liar (block-wrong)' },
  });
  expect(ended).toBe(asked - 1);
});
