import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ContentId } from '../../../protocols/base/ids.ts';
import {
  type BlockSource,
  EmbeddedStore,
  fetchDirectory,
  type Mirror,
  mirrorSource,
  type SourceFault,
} from '../../../services/checkpoints/index.ts';
import { serveFiles } from '../../support/checkpoints/file-server.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { pattern, writeGoldenTree } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

const started = () => ({ signal: new AbortController().signal });
const isLeaf = (cid: ContentId) => cid.startsWith('bafkrei');

/** A published tree, a source of its nodes alone, and its folder on a web server. */
async function mirrored(answer?: (request: IncomingMessage, response: ServerResponse) => boolean) {
  const folder = await freshFolder();
  await writeGoldenTree(folder, { few: true });
  const store = await EmbeddedStore.open(await freshFolder());
  const { cid } = await store.add(folder, started());
  const nodes = new StoreSource('nodes', store, isLeaf);
  const server = await serveFiles(folder, answer);
  const end = async () => {
    await server[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  return { store, cid, nodes, server, [Symbol.asyncDispose]: end };
}

function mirror(at: Mirror, cid: ContentId): BlockSource {
  const source = mirrorSource(at, cid);
  if (source === null) throw new Error('not for this directory');
  return source;
}

async function fetchFrom(cid: ContentId, sources: readonly BlockSource[]) {
  const faults: SourceFault[] = [];
  await using reader = await EmbeddedStore.open(await freshFolder());
  const onFault = (fault: SourceFault) => void faults.push(fault);
  const fetched = await fetchDirectory(reader, sources, cid, {
    ...started(),
    limits: { bytes: 1e9 },
    onFault,
  });
  if (fetched.ok) await reader.verify(cid, started());
  return { fetched, faults };
}

const WHOLE = { ok: true };

describe('a plain web server as a source', () => {
  it('gives every leaf once, by ranges; the nodes come from elsewhere', async () => {
    await using origin = await mirrored();
    const { fetched, faults } = await fetchFrom(origin.cid, [
      origin.nodes,
      mirror({ url: origin.server.url, cid: origin.cid }, origin.cid),
    ]);
    expect(fetched).toMatchObject(WHOLE);
    expect(faults).toEqual([]);
    expect(origin.nodes.given.some(isLeaf)).toBe(false);
    expect(origin.server.asked.filter((line) => line.startsWith('/three-leaves '))).toHaveLength(3);
    expect(new Set(origin.server.asked).size).toBe(origin.server.asked.length);
  });

  it('cannot be used alone: nothing there says where the leaves lie', async () => {
    await using origin = await mirrored();
    const source = mirror({ url: origin.server.url, cid: origin.cid }, origin.cid);
    await expect(fetchFrom(origin.cid, [source])).rejects.toMatchObject({ code: 'blob-not-found' });
  });

  it('is asked only for its directory; without one, below its address by the CID', async () => {
    await using origin = await mirrored();
    const other = origin.cid.replace(/.$/, 'a') as ContentId;
    expect(mirrorSource({ url: origin.server.url, cid: other }, origin.cid)).toBeNull();
    const { asked } = origin.server;
    const source = mirror({ url: `${origin.server.url}/models` }, origin.cid);
    await expect(fetchFrom(origin.cid, [origin.nodes, source])).rejects.toMatchObject({
      code: 'blob-not-found',
    });
    expect(asked.length).toBeGreaterThan(0);
    for (const line of asked) expect(line).toMatch(`/models/${origin.cid}/`);
  });

  it('may send its readers on', async () => {
    await using origin = await mirrored();
    await using hub = await serveFiles('/', (request, response) => {
      response.writeHead(302, { location: `${origin.server.url}${request.url}` }).end();
      return true;
    });
    const source = mirror({ url: hub.url, cid: origin.cid }, origin.cid);
    expect((await fetchFrom(origin.cid, [origin.nodes, source])).fetched).toMatchObject(WHOLE);
  });

  const bad: readonly (readonly [code: string, how: string, answer: Parameters<typeof mirrored>[0]])[] = [
    ['block-wrong', 'other bytes', (request, response) => garbage(request, response)],
    ['answer-invalid', 'the whole file for a range', (_request, response) => whole(response)],
    ['answer-invalid', 'circles', (request, response) => circle(request, response)],
    ['answer-invalid', 'a failure', (_request, response) => status(response, 500)],
    ['closed', 'the end in the middle', (_request, response) => cutOff(response)],
  ];
  it.each(bad)('is left alone for what it does: %s (%s)', async (code, _how, answer) => {
    await using origin = await mirrored(answer);
    const source = mirror({ url: origin.server.url, cid: origin.cid }, origin.cid);
    const { fetched, faults } = await fetchFrom(origin.cid, [source, new StoreSource('whole', origin.store)]);
    expect(fetched).toMatchObject(WHOLE);
    expect(faults[0]).toMatchObject({ source: source.name, code });
  });

  it('that lacks a file is no liar', async () => {
    await using origin = await mirrored((_request, response) => status(response, 404));
    const source = mirror({ url: origin.server.url, cid: origin.cid }, origin.cid);
    const { fetched, faults } = await fetchFrom(origin.cid, [source, new StoreSource('whole', origin.store)]);
    expect(fetched).toMatchObject(WHOLE);
    expect(faults).toEqual([]);
  });
});

function garbage({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const range = /(\d+)-(\d+)/.exec(headers.range ?? '');
  if (range === null) return status(response, 404); // a file that is one leaf
  const bytes = pattern(Number(range[2]) - Number(range[1]) + 1).fill(7);
  response.writeHead(206, { 'content-length': bytes.length }).end(bytes);
  return true;
}

function whole(response: ServerResponse): boolean {
  response.writeHead(200, { 'content-length': 3 * 1_048_576 }).end(pattern(3 * 1_048_576));
  return true;
}

function circle(request: IncomingMessage, response: ServerResponse): boolean {
  response.writeHead(302, { location: request.url ?? '' }).end();
  return true;
}

function status(response: ServerResponse, code: number): boolean {
  response.writeHead(code).end();
  return true;
}

function cutOff(response: ServerResponse): boolean {
  response.writeHead(206, { 'content-length': 1_000 });
  response.write('half');
  response.destroy();
  return true;
}
