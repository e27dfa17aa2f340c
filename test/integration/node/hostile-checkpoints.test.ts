import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NodeClient } from '../../../services/cli/node-client.ts';
import { homePaths, readHome } from '../../../services/node/home.ts';
import { type RunningNode, startNode } from '../../../services/node/index.ts';
import { foundHomes } from '../../support/homes.ts';
import { HOSTILE_CHECKPOINTS } from '../../support/hostile-checkpoints.ts';
import { releaseFolder } from '../../support/release-folder.ts';

const { signal } = new AbortController();

describe('a directory to release', () => {
  let root: string;
  let home: string;
  let node: RunningNode;
  let release: (directory: string) => Promise<{ readonly cid: string }>;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hostile-'));
    ({ 'example-lab': home = '' } = await foundHomes(root, [{ name: 'example-lab' }]));
    node = await startNode(home, { version: '0.0.0', signal, report: () => undefined });
    const { token } = await readHome(home);
    const client = new NodeClient(node.url, { signal });
    release = (directory) => client.addRelease({ directory, name: 'x' }, token, () => undefined);
  });
  afterAll(async () => {
    await node?.[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });

  test.each(HOSTILE_CHECKPOINTS)(
    '%s is refused: %s; nothing is written, the node unmoved',
    async (_what, reason, spoil) => {
      const folder = await releaseFolder();
      await spoil(folder);
      const [entries, kept, status] = [
        await census(folder),
        await census(homePaths(home).content),
        node.status(),
      ];
      await expect(release(folder)).rejects.toMatchObject({
        code: 'checkpoint-invalid',
        details: { reason },
      });
      expect(await census(folder)).toEqual(entries);
      expect(await census(homePaths(home).content)).toEqual(kept);
      expect(node.status()).toEqual(status);
    },
  );

  test('without a fault is taken, after all these', async () => {
    const folder = await releaseFolder();
    expect((await release(folder)).cid).toMatch(/^bafy/);
    expect(await readdir(folder)).toContain('model.sig');
  });
});

/** Every entry below a folder, whatever it is and however it is named, with its size and when it was changed. */
async function census(folder: string | Buffer): Promise<readonly string[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  const entries = names.map(async (name) => {
    const path = Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]);
    const stat = await lstat(path);
    return [
      `${path} ${stat.mode} ${stat.size} ${stat.mtimeMs}`,
      ...(stat.isDirectory() ? await census(path) : []),
    ];
  });
  return (await Promise.all(entries)).flat().sort();
}
