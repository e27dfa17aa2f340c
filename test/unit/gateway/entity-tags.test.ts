import { describe, expect, onTestFinished, test } from 'vitest';
import { buildGateway } from '../../../services/gateway/index.ts';
import { type ApiDocument, operationsOf } from '../../support/api/document.ts';
import { exampleStory } from '../../support/example-story.ts';
import { charterDocumentOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { LoggedFeeds } from '../../support/logged-feeds.ts';
import { contentCid } from '../../support/samples.ts';

const TOKEN = 'a'.repeat(48);
const LAB = 'example-lab';
/** What tells of this very moment, or does not end. */
const LIVE = ['/status', '/metrics', '/health', '/health/live', '/health/ready', '/events'];

/** A node of which every read has an answer. */
async function scene() {
  const { node } = exampleStory();
  const feeds = new LoggedFeeds(await freshFolder(), charterDocumentOf(), LAB);
  const [message] = feeds.say(LAB, 3);
  feeds.sign(LAB);
  node.logs = feeds.logs;
  const cid = contentCid('kept');
  node.blocks.set(cid, Buffer.from('a block'));
  const app = await buildGateway(node, { token: TOKEN });
  onTestFinished(() => app.close());
  const subscription = await node.subscriptions.add({ url: 'https://example.org/', filter: {}, after: 0 });
  const { findings, frontierReleases } = node.record().record;
  const model = `/oversight/${frontierReleases[0]?.id}`;
  const feed = `/feeds/${feeds.keyOf(LAB).slice('did:key:'.length)}`;
  const known = new Map([
    ['/record/findings/{id}', `/record/findings/${findings[0]?.id}`],
    ['/messages/{id}', `/messages/${findings[0]?.id}`],
    ['/messages/{id}.tlog-proof', `/messages/${message?.id}.tlog-proof`],
    ['/oversight/{id}', model],
    ['/oversight/{id}/timeline', `${model}/timeline`],
    ['/oversight/{id}/report.html', `${model}/report.html`],
    ['/oversight/{id}/report.pdf', `${model}/report.pdf`],
    ['/feeds/{key}/checkpoint', `${feed}/checkpoint`],
    ['/feeds/{key}/evidence', `${feed}/evidence`],
    ['/feeds/{key}/tile/{rest}', `${feed}/tile/entries/000.p/3`],
    ['/ipfs/{rest}', `/ipfs/${cid}?format=raw`],
    ['/subscriptions/{id}/dead', `/subscriptions/${subscription.id}/dead`],
  ]);
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    app.inject({ url: known.get(path) ?? path, headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
  return { get, model };
}

test('every answer but those of the moment has a tag, and is not sent to who has it', async () => {
  const { get } = await scene();
  const document = (await get('/openapi.json')).json<ApiDocument>();
  const reads = operationsOf(document).filter(({ method }) => method === 'GET');
  for (const { path, responses, parameters } of reads.filter((each) => !LIVE.includes(each.path))) {
    expect(responses, path).toHaveProperty('304');
    expect(
      parameters.map(({ name }) => name),
      path,
    ).toContain('If-None-Match');
    const answer = await get(path);
    expect(answer.statusCode, path).toBe(200);
    const tag = String(answer.headers['etag']);
    expect(tag, path).toMatch(/^(W\/)?"[^"]+"$/);
    const again = await get(path, { 'if-none-match': `"other", ${tag}` });
    expect([again.statusCode, again.body], path).toEqual([304, '']);
    expect((await get(path, { 'if-none-match': '"other"' })).statusCode, path).toBe(200);
  }
});

test('two forms of one thing have two tags', async () => {
  const { get } = await scene();
  const json = await get('/messages/{id}');
  const wire = await get('/messages/{id}', { accept: 'application/cbor' });
  expect(wire.headers['etag']).not.toBe(json.headers['etag']);
  const tile = '/feeds/{key}/tile/{rest}';
  const packed = await get(tile, { 'accept-encoding': 'gzip' });
  expect(packed.headers['etag']).not.toBe((await get(tile)).headers['etag']);
});

describe('lists in pages', () => {
  test.each([
    ['/oversight', 'models'],
    ['/oversight/calendar', 'due'],
    ['/copies', 'releases'],
    ['/feeds', 'feeds'],
    ['/record/members', 'members'],
    ['/record/findings', 'findings'],
    ['/charter/history', 'charters'],
    ['/models', 'models'],
    ['/findings', 'findings'],
  ])('%s', async (path, list) => {
    const { get } = await scene();
    const all = (await get(`${path}?limit=100`)).json();
    expect(all.next).toBeNull();
    const items: unknown[] = [];
    let next: string | null = '';
    for (let pages = 0; next !== null && pages <= all[list].length; pages++) {
      const page: Record<string, unknown[]> & { next: string | null } = (
        await get(`${path}?limit=1${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`)
      ).json();
      expect(page[list]?.length).toBeLessThanOrEqual(1);
      items.push(...(page[list] ?? []));
      next = page.next;
    }
    expect(next).toBeNull();
    expect(items.map(withoutMoment)).toEqual(all[list].map(withoutMoment));
    for (const wrong of ['limit=0', 'limit=1001', 'limit=x', `after=${'x'.repeat(200)}`])
      expect((await get(`${path}?${wrong}`)).statusCode, wrong).toBe(400);
  });

  test('releases of both kinds, and a timeline, page by page', async () => {
    const { get, model } = await scene();
    const whole = (await get('/record/releases')).json();
    const first = (await get('/record/releases?limit=1')).json();
    expect(first).toEqual({
      frontierReleases: whole.frontierReleases.slice(0, 1),
      analogReleases: [],
      next: whole.frontierReleases[0].id,
    });
    const rest = (await get(`/record/releases?limit=9&after=${first.next}`)).json();
    expect([...first.frontierReleases, ...rest.frontierReleases]).toEqual(whole.frontierReleases);
    expect(rest).toMatchObject({ analogReleases: whole.analogReleases, next: null });
    const timeline = `${model}/timeline`;
    const all = (await get(timeline)).json().timeline;
    const page = (await get(`${timeline}?limit=1`)).json();
    expect(page.timeline).toEqual(all.slice(0, 1));
    if (page.next !== null)
      expect((await get(`${timeline}?after=${page.next}`)).json().timeline).toEqual(all.slice(1));
  });

  test('after what is not in the list there is nothing', async () => {
    const { get } = await scene();
    const unknown = contentCid('unknown').replace(/^baf...../, 'bafyrei');
    for (const path of ['/oversight', '/copies', '/record/releases', '/models', '/charter/history']) {
      const answer = await get(`${path}?after=${unknown}`);
      expect([400, 404], path).toContain(answer.statusCode);
    }
  });
});

/** An answer of now says when that was. */
function withoutMoment(item: unknown): unknown {
  const { at: _, ...rest } = item as { readonly at?: number };
  return rest;
}
