import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { documentCid } from '../../protocols/codec/cid.ts';
import { exportBundle } from '../../services/node/bundle/export.ts';
import { charterOf } from '../support/federation.ts';
import { FeedNode, feedOf } from '../support/feed-node.ts';
import { freshFolder } from '../support/fresh-folder.ts';

const run = promisify(execFile);
const LAB = 'example-lab';
const MESSAGES = 1_500;

it('Kubo imports a bundle, pins it with all that it links to, and reads a message from it', async () => {
  const charter = charterOf();
  const node = new FeedNode(await freshFolder(), charter, []);
  onTestFinished(() => node[Symbol.asyncDispose]());
  const messages = feedOf(LAB, charter, MESSAGES);
  await node.hold(messages);
  node.holdHead(LAB, messages);
  const file = join(await freshFolder(), 'bundle.car');
  const { signal } = new AbortController();
  const { root } = await exportBundle(node.ledger, charter, file, { authors: null, from: 0 }, { signal });

  const env = { ...process.env, IPFS_PATH: await freshFolder() };
  const ipfs = async (...args: readonly string[]) => (await run('ipfs', args, { env })).stdout.trim();
  await ipfs('init', '-e');
  // offline: a link to what is not in the file would fail the pin
  const imported = await ipfs('--offline', 'dag', 'import', '--stats', file);
  expect(imported).toContain(root);
  expect(imported).not.toContain('error');
  const links = (await ipfs('--offline', 'refs', '--recursive', '--unique', root)).split('\n');
  const expected = messages.map(({ wire }) => documentCid(wire).toString());
  expect(links).toEqual(expect.arrayContaining([charter.id, ...expected]));
  const manifest = JSON.parse(await ipfs('--offline', 'dag', 'get', root)) as { v: number };
  expect(manifest.v).toBe(1);
}, 120_000);
