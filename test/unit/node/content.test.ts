import { describe, expect, it } from 'vitest';
import { EmbeddedStore } from '../../../services/checkpoints/index.ts';
import { openBitswap } from '../../../services/node/bitswap.ts';
import { Content } from '../../../services/node/content.ts';
import { contentConfig } from '../../../services/node/content-config.ts';
import { serveFiles } from '../../support/checkpoints/file-server.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { serveStore } from '../../support/checkpoints/served-store.ts';

const MIB = 1_048_576;
const started = () => ({ signal: new AbortController().signal });

async function published() {
  const folder = await freshFolder();
  await writeGoldenTree(folder, { few: true });
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, started());
  return { folder, store, cid, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

async function contentOf(config: unknown, events: string[] = []): Promise<Content> {
  const content = contentConfig.parse(config);
  const report = (event: string) => void events.push(event);
  return Content.open(await freshFolder(), { content, kubo: null }, () => [], report);
}

describe('where content comes from', () => {
  it('is the gateways and mirrors of the configuration, where no member has it', async () => {
    await using origin = await published();
    await using gateway = await serveStore(origin.store);
    await using mirror = await serveFiles(origin.folder);
    const events: string[] = [];
    const config = { gateways: [gateway.url], mirrors: [{ url: mirror.url, cid: origin.cid }] };
    await using content = await contentOf(config, events);
    await content.fetch(origin.cid, { ...started(), limitBytes: 1e9 });
    expect(events).toEqual(['content.fetched']);
    await content.store.verify(origin.cid, started());
  });

  it('is limited by what the operator gives it', async () => {
    await using origin = await published();
    await using gateway = await serveStore(origin.store);
    await using content = await contentOf({ gateways: [gateway.url], limitBytes: MIB });
    const fetching = content.fetch(origin.cid, { ...started(), limitBytes: 1e9 });
    await expect(fetching).rejects.toMatchObject({ code: 'disk-full' });
    expect(await content.store.list()).toEqual([]);
  });

  it('is served within its bandwidth; who comes while it is taken comes back later', async () => {
    await using origin = await published();
    await using content = await contentOf({ serveBytesPerSecond: MIB });
    const { files } = await content.add(origin.folder, started());
    const leaf = files.find(({ path }) => path === 'one-leaf')?.cid ?? '';
    await content.served?.take(10 * MIB, started());
    await expect(content.block(leaf, started())).rejects.toMatchObject({ code: 'requests-exceeded' });
    await expect(
      content.car({ cid: origin.cid, path: [], scope: 'all', bytes: null, dups: false }, started()),
    ).rejects.toMatchObject({ code: 'requests-exceeded' });
  });

  it.each([
    { gateways: ['ftp://example.org'] },
    { gateways: ['example.org'] },
    { mirrors: [{ url: 'https://example.org', cid: 'bafy' }] },
    { fetchBytesPerSecond: 1_000 },
    { limitBytes: 0 },
    { bitswap: { listen: [] } },
  ])('is refused: %j', (config) => {
    expect(contentConfig.safeParse(config).success).toBe(false);
  });
});

it('the address for Bitswap stays the same for a seed, and is told', async () => {
  await using origin = await published();
  const names: string[] = [];
  for (let turn = 0; turn < 2; turn++) {
    await using stack = new AsyncDisposableStack();
    const listen = ['/ip4/127.0.0.1/tcp/0'];
    const report = (_event: string, facts = {}) =>
      void names.push(JSON.stringify(facts).replace(/tcp\/\d+/, ''));
    await openBitswap({ listen }, new Uint8Array(32).fill(5), origin.store, null, report, stack);
  }
  expect(names).toHaveLength(2);
  expect(names[0]).toBe(names[1]);
});
