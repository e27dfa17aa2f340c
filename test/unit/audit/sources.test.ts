import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import {
  blockOf,
  encodeCarBlock,
  encodeCarHeader,
  manifestBlock,
  partBlock,
} from '../../../protocols/bundle/index.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { checkpointNote, formatTilePath, TILE_WIDTH, tileWidth } from '../../../protocols/feed/index.ts';
import { BoundedFetch, type FetchTimes } from '../../../services/cli/audit/bounded-fetch.ts';
import { HttpSource } from '../../../services/cli/audit/http-source.ts';
import { openSource } from '../../../services/cli/audit/open-source.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { AuditedFederation, codesOf, tileOf } from '../../support/audited.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { charterBody } from '../../support/samples.ts';

const LAB = 'example-lab';
const TIMES: FetchTimes = { answerMs: 10_000, allMs: 60_000 };

function spoken(notes = 300): AuditedFederation {
  const federation = new AuditedFederation();
  federation.say(LAB, 'charter/1', charterBody(federation.federation));
  for (const name of ['example-academy', 'example-regulator'] as const)
    federation.say(name, 'charter/1', charterBody(federation.federation));
  for (let i = 0; i < notes; i++) federation.say(LAB, 'note/1', { text: `${i}` });
  federation.witness();
  return federation;
}

async function open(place: string, limitBytes = 100_000_000, times = TIMES) {
  const stack = new DisposableStack();
  onTestFinished(() => stack[Symbol.dispose]());
  const { signal } = new AbortController();
  return openSource(place, { charter: undefined, limitBytes, times, signal }, stack);
}

/** Somebody who answers over HTTP. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The federation as a node serves it, but for what `spoil` answers. */
function serveFederation(
  federation: AuditedFederation,
  spoil: (path: string) => RequestListener | null = () => null,
) {
  const { document } = federation;
  return serve(async (request, response) => {
    const path = request.url ?? '';
    const spoiled = spoil(path);
    if (spoiled !== null) return spoiled(request, response);
    const json = (value: unknown) => response.end(JSON.stringify(value));
    if (path === '/charter/history') return json({ charters: [{ id: federation.federation, document }] });
    if (path === '/feeds')
      return json({
        feeds: [...federation.feeds].map(([feed, { entries }]) => ({ feed, size: entries.length })),
      });
    if (path === '/record') {
      const { record, digest } = federation.record();
      return response.setHeader('etag', `"${digest}"`).end(JSON.stringify(record));
    }
    for (const [feed, { entries, head }] of federation.feeds) {
      const prefix = `/feeds/${feed.slice('did:key:'.length)}`;
      if (path === `${prefix}/evidence`) return json({ messages: [] });
      if (path === `${prefix}/checkpoint` && head !== null)
        return response.end(checkpointNote(head, federation.federation));
      for (const level of ['entries', 0, 1] as const)
        for (let index = 0; tileWidth(entries.length, { level, index }) > 0; index++) {
          const name = { level, index, width: tileWidth(entries.length, { level, index }) };
          const bytes = tileOf(entries, name);
          if (path === `${prefix}/${formatTilePath(name)}` && bytes !== null) return response.end(bytes);
        }
    }
    return response.writeHead(404).end();
  });
}

describe('a node over HTTP', () => {
  it('whose claims are true', async () => {
    const federation = spoken();
    const report = await federation.audit(await open(await serveFederation(federation)));
    expect(report.findings).toEqual([]);
    expect(report.outcome).toBe('holds');
  });

  it('that asks to wait gets asked again', async () => {
    const federation = spoken(3);
    let refused = 0;
    const url = await serveFederation(federation, (path) => {
      if (path !== '/record' || refused > 2) return null;
      refused += 1;
      return (_, response) => response.writeHead(429, { 'retry-after': '0' }).end();
    });
    expect((await federation.audit(await open(url))).outcome).toBe('holds');
    expect(refused).toBe(3);
  });

  it('that never ends its answer is cut off', async () => {
    const federation = spoken(3);
    const chunk = Buffer.alloc(1_048_576, 0x20);
    const url = await serveFederation(federation, (path) => {
      if (!path.endsWith('/checkpoint')) return null;
      return (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(chunk)) {}
        };
        response.on('drain', more);
        more();
      };
    });
    const report = await federation.audit(await open(url));
    expect(codesOf(report)).toEqual(['answer-too-large']);
  });

  it('that lets one wait for ever is left', async () => {
    const federation = spoken(3);
    const url = await serveFederation(federation, (path) =>
      path === '/record' ? (_, response) => response.write('{') : null,
    );
    const report = await federation.audit(await open(url, 1_000_000, { ...TIMES, answerMs: 500 }));
    expect(codesOf(report)).toEqual(['answer-too-slow']);
    // all answers together have an end as well
    const { signal } = new AbortController();
    const source = new HttpSource(new BoundedFetch(url, { ...TIMES, allMs: 500 }, { signal }));
    expect(await source.record()).toMatchObject({ ok: false, reason: 'answer-too-slow' });
    expect(await source.feeds()).toMatchObject({ ok: false, reason: 'answer-too-slow' });
  });

  it.each([
    ['a page', '/feeds', (_: unknown, response) => response.end('<html>')],
    ['another form', '/charter/history', (_: unknown, response) => response.end('{"charters":[]}')],
    ['no base64', '/evidence', (_: unknown, response) => response.end('{"messages":["?"]}')],
  ] satisfies [string, string, RequestListener][])(
    'that answers with %s is told so',
    async (_, end, listener) => {
      const federation = spoken(3);
      const url = await serveFederation(federation, (path) => (path.endsWith(end) ? listener : null));
      expect(codesOf(await federation.audit(await open(url)))).toContain('answer-malformed');
    },
  );

  it('that sends one elsewhere, or is not there, is unreachable', async () => {
    const federation = spoken(3);
    const other = await serveFederation(federation);
    const url = await serve((_, response) => response.writeHead(302, { location: other }).end());
    for (const place of [url, 'http://127.0.0.1:9'])
      expect(codesOf(await federation.audit(await open(place)))).toEqual(['unreachable']);
  });
});

/** A home's files, as a node leaves them. */
async function writeHome(
  federation: AuditedFederation,
): Promise<{ readonly home: string; readonly ledger: Ledger }> {
  const home = await freshFolder();
  await writeFile(join(home, 'charter.json'), JSON.stringify(federation.document));
  const ledger = new Ledger(join(home, 'ledger.sqlite'));
  onTestFinished(() => ledger[Symbol.dispose]());
  for (const { messages, head } of federation.feeds.values()) {
    await Promise.all(messages.map((message) => ledger.append(message, 1)));
    if (head !== null) ledger.keepHead(head);
  }
  return { home, ledger };
}

describe('a home', () => {
  it('holds while its node has it open, and as it lies afterwards', async () => {
    const federation = spoken();
    const { home, ledger } = await writeHome(federation);
    for (const close of [false, true]) {
      if (close) ledger[Symbol.dispose]();
      const report = await federation.audit(await open(home));
      expect(report.findings).toEqual([]);
      expect(report.messages).toBe(
        [...federation.feeds.values()].reduce((sum, { entries }) => sum + entries.length, 0),
      );
      expect(report.digest.derived).toBe(federation.record().digest);
    }
  });

  it('with both branches of a fork tells of it', async () => {
    const federation = spoken(3);
    const other = new AuditedFederation().feed(LAB).author;
    const { home, ledger } = await writeHome(federation);
    await ledger.append(other.branch('note/1', { text: 'another beginning' }), 1);
    const report = await federation.audit(await open(home));
    expect(report.outcome).toBe('holds');
    expect(report.notes.join()).toContain('two histories');
  });

  it('that is none is refused', async () => {
    const folder = await freshFolder();
    await expect(open(folder)).rejects.toMatchObject({ code: 'not-found' });
    await expect(open(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'not-found' });
    await writeFile(join(folder, 'ledger.sqlite'), 'no database');
    await expect(open(folder)).rejects.toMatchObject({ code: 'charter-not-found' });
    await writeFile(join(folder, 'charter.json'), JSON.stringify(new AuditedFederation().document));
    await expect(open(folder)).rejects.toMatchObject({ code: 'ledger-damaged' });
  });
});

describe('downloaded tiles', () => {
  async function download(federation: AuditedFederation): Promise<string> {
    const folder = await freshFolder();
    const write = async (path: string, content: string | Uint8Array) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    };
    await write('charter.json', JSON.stringify(federation.document));
    await write('record.json', JSON.stringify(federation.record().record));
    for (const [feed, { entries, head }] of federation.feeds) {
      const prefix = `feeds/${feed.slice('did:key:'.length)}`;
      if (head !== null) await write(`${prefix}/checkpoint`, checkpointNote(head, federation.federation));
      for (const level of ['entries', 0, 1] as const)
        for (let index = 0; tileWidth(entries.length, { level, index }) > 0; index++) {
          const name = { level, index, width: tileWidth(entries.length, { level, index }) };
          await write(`${prefix}/${formatTilePath(name)}`, tileOf(entries, name) ?? utf8(''));
        }
    }
    return folder;
  }

  it('hold, the record beside them', async () => {
    const federation = spoken();
    const report = await federation.audit(await open(await download(federation)));
    expect(report.findings).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'record')).toMatchObject({ state: 'holds' });
  });

  it('of which one is missing are not all checked', async () => {
    const federation = spoken();
    const folder = await download(federation);
    const prefix = `feeds/${federation.keyOf(LAB).slice('did:key:'.length)}`;
    await rm(join(folder, prefix, formatTilePath({ level: 'entries', index: 1, width: 45 })));
    const report = await federation.audit(await open(folder));
    expect(report.outcome).toBe('unchecked');
    expect(codesOf(report)).toContain('absent');
  });
});

describe('a bundle', () => {
  /** As `oversight export` writes it; `drop` leaves out the message block of this number. */
  async function bundle(federation: AuditedFederation, drop = -1): Promise<string> {
    const parts = [...federation.feeds].map(([author, { entries, head }]) => {
      const blocks = entries.map((bytes) => ({ cid: documentCid(bytes), bytes }));
      const list = blockOf(blocks.map(({ cid }) => cid));
      const part = partBlock({
        author,
        from: 0,
        to: entries.length,
        peaks: [],
        head,
        proof: [],
        messages: [list.cid],
        evidence: [],
      });
      return { part, list, blocks };
    });
    const genesisBytes = encode(federation.document as unknown as PlainObject);
    const genesis = { cid: documentCid(genesisBytes), bytes: genesisBytes };
    const manifest = manifestBlock({ federation: genesis.cid, parts: parts.map(({ part }) => part.cid) });
    const messages = parts.flatMap(({ part, list, blocks }) => [part, list, ...blocks]);
    const kept = messages.filter((_, i) => i !== drop);
    const path = join(await freshFolder(), 'federation.car');
    await writeFile(
      path,
      Buffer.concat([encodeCarHeader(manifest.cid), ...[manifest, genesis, ...kept].map(encodeCarBlock)]),
    );
    return path;
  }

  it('holds', async () => {
    const federation = spoken(TILE_WIDTH);
    const report = await federation.audit(await open(await bundle(federation)));
    expect(report.findings).toEqual([]);
    expect(report.digest.derived).toBe(federation.record().digest);
  });

  it('with a missing block is told to be broken from there on, and what stands before it is checked', async () => {
    const federation = spoken(TILE_WIDTH);
    const report = await federation.audit(await open(await bundle(federation, 200)));
    expect(codesOf(report)).toContain('bundle-broken');
    expect(report.outcome).toBe('broken');
    expect(report.findings.find(({ code }) => code === 'bundle-broken')).toMatchObject({
      feed: federation.keyOf(LAB),
    });
  });

  it('that is none, or larger than is taken in', async () => {
    const federation = spoken(TILE_WIDTH);
    const path = join(await freshFolder(), 'none.car');
    await writeFile(path, 'nothing of the sort');
    await expect(open(path)).rejects.toMatchObject({ code: 'bundle-invalid' });
    const report = await federation.audit(await open(await bundle(federation), 1_000));
    expect(codesOf(report)).toContain('answer-too-large');
  });
});
