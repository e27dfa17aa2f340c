import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { EmbeddedStore, Kubo, MirroredStore } from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';

const signal = () => new AbortController().signal;

/** A server with the same answer for everything: a daemon of another mind. The real one is in test/interop. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status, { 'x-chunked-output': '1' }).end(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function mirrored(apiUrl: string) {
  const folder = await freshFolder();
  await writeFile(join(folder, 'config.json'), '{}');
  const store = new MirroredStore(await EmbeddedStore.open(await freshFolder()), new Kubo({ apiUrl }));
  return { folder, store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

it('a daemon that is away is kubo-unreachable, and nothing is published', async () => {
  await using fixture = await mirrored('http://127.0.0.1:1');
  await expect(fixture.store.add(fixture.folder, { signal: signal() })).rejects.toMatchObject({
    code: 'kubo-unreachable',
  });
  expect(await fixture.store.list()).toEqual([]);
});

it('another name for the same bytes is kubo-mismatch, and nothing is published', async () => {
  const other = 'bafybeif2ewg3nqa33mjokpxii36jj2ywfqjpy3urdh7v6vqyfjoocvgy3a';
  const answer = `${JSON.stringify({ Name: 'checkpoint', Hash: other, Size: '1' })}\n`;
  await using fixture = await mirrored(await answering(200, answer));
  await expect(fixture.store.add(fixture.folder, { signal: signal() })).rejects.toMatchObject({
    code: 'kubo-mismatch',
  });
  expect(await fixture.store.list()).toEqual([]);
});

it('a block that is not the one asked for is a fault of the daemon', async () => {
  const kubo = new Kubo({ apiUrl: await answering(200, 'not the block') });
  const cid = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' as ContentId;
  await expect(kubo.block(cid, { signal: signal() })).rejects.toMatchObject({ code: 'block-wrong' });
  await expect(
    new Kubo({ apiUrl: 'http://127.0.0.1:1' }).block(cid, { signal: signal() }),
  ).rejects.toMatchObject({
    code: 'closed',
  });
});
