import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { feedNoteKey, formatVkey } from '../../protocols/feed/index.ts';
import { createGateway } from '../../services/gateway/index.ts';
import { charterDocumentOf } from '../support/federation.ts';
import { InMemoryNode } from '../support/in-memory-node.ts';
import { LoggedFeeds } from '../support/logged-feeds.ts';

/** Downloads and compiles one program and what it needs. */
const BUILD_LIMIT_MS = 500_000;
/** The checker of tlog-tiles logs that Trillian Tessera brings. */
const FSCK = 'github.com/transparency-dev/tessera/cmd/fsck@v1.0.4';
/** Two full tiles, a partial one, and a level above them. */
const MESSAGES = 600;
const LAB = 'example-lab';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  execFileSync('go', ['install', FSCK], {
    env: { ...process.env, GOBIN: folder },
    encoding: 'utf8',
    timeout: BUILD_LIMIT_MS,
  });
}, BUILD_LIMIT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a feed over HTTP is a log that Tessera finds whole', async () => {
  const feeds = new LoggedFeeds(folder, charterDocumentOf(), LAB);
  const node = new InMemoryNode(LAB);
  node.logs = feeds.logs;
  feeds.say(LAB, MESSAGES);
  const head = feeds.sign(LAB);
  const gateway = await createGateway(node, { token: '0'.repeat(48), port: 0 });
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  const key = join(folder, 'log.vkey');
  await writeFile(key, formatVkey(feedNoteKey(feeds.federation, head.author)));
  const url = `${gateway.url}/feeds/${head.author.slice('did:key:'.length)}/`;
  const { stderr } = await promisify(execFile)(
    join(folder, 'fsck'),
    ['-ui=false', '-storage_url', url, '-public_key', key],
    { encoding: 'utf8', timeout: 60_000 },
  );
  expect(stderr).toContain(Buffer.from(head.root).toString('hex'));
}, 120_000);
