import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { derivePublicationKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { publicationKeyOf, publicKeyPem, signModel } from '../../../protocols/provenance/index.ts';
import type { Requirement } from '../../../protocols/release/index.ts';
import { readHome } from '../../../services/node/home.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { ANALOG_PARAMETERS, FRONTIER_PARAMETERS, releaseFolder } from '../../support/release-folder.ts';
import { runCli } from '../../support/run-cli.ts';
import { frontierBody } from '../../support/samples.ts';
import { SPOILED_CHECKPOINTS } from '../../support/spoiled-checkpoints.ts';

const prepare = (folder: string, ...more: string[]) =>
  runCli(['release', 'prepare', folder, '--frontier-parameters', String(FRONTIER_PARAMETERS), ...more]);

describe('release prepare', () => {
  test('a directory that is ready', async () => {
    const run = await prepare(await releaseFolder(), '--json');
    expect(run.status).toBe(0);
    const answer = JSON.parse(run.stdout) as { model: object; requirements: Requirement[] };
    expect(answer.model).toEqual({ modelType: 'llama', parameters: ANALOG_PARAMETERS, dtype: 'F16' });
    expect(answer.requirements.map(({ state }) => state)).toEqual(Array(9).fill('met'));
  });

  test('a directory that lacks parts: each is named, with what to do', async () => {
    const folder = await releaseFolder();
    for (const name of ['DATA.md', 'LICENSE', 'scripts']) await rm(join(folder, name), { recursive: true });
    const run = await prepare(folder);
    expect(run.status).toBe(3);
    for (const word of ['DATA.md', 'LICENSE', 'scripts/']) expect(run.stdout).toContain(word);
  });

  test('what cannot be judged here is said, and is no failure', async () => {
    const run = await runCli(['release', 'prepare', await releaseFolder(), '--headers-only']);
    expect(run.status).toBe(4);
  });

  test.each(SPOILED_CHECKPOINTS.filter(({ publish }) => publish !== null))(
    '$what',
    async ({ spoil, publish }) => {
      const folder = await releaseFolder();
      await spoil(folder);
      const before = await readdir(folder);
      const run = await prepare(folder, '--json');
      expect(run.status).toBe(3);
      const { requirements } = JSON.parse(run.stdout) as { requirements: Requirement[] };
      expect(requirements[0]).toMatchObject({ state: 'failed', code: expect.stringMatching(`^${publish}`) });
      expect(await readdir(folder)).toEqual(before);
    },
  );
});

describe('release publish', () => {
  test('signs, adds and announces; anyone checks it by the key in the charter', async () => {
    const { 'example-lab': home = '' } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
    const live = await LiveNode.start(home);
    const frontier = await live.publish('frontier-release/1', frontierBody('big', FRONTIER_PARAMETERS));
    const folder = await releaseFolder();
    const args = [
      '--frontier',
      frontier,
      '--name',
      'tiny',
      '--model-version',
      '1',
      '--summary',
      'An analog.',
    ];
    const publish = ['release', 'publish', folder, ...args, '--home', home];
    expect(await runCli(publish.toSpliced(3, 2))).toMatchObject({ status: 1, stdout: '' });

    await rm(join(folder, 'LICENSE'));
    expect((await runCli(publish)).status).toBe(3);
    expect(await readdir(folder)).not.toContain('model.sig');
    await writeFile(join(folder, 'LICENSE'), 'Apache License');

    const run = await runCli([...publish, '--json']);
    expect(run).toMatchObject({ status: 0 });
    const { checkpoint } = JSON.parse(run.stdout) as { checkpoint: { cid: string } };
    const { record } = await live.record();
    expect(record.analogReleases).toMatchObject([
      { name: 'tiny', parameters: ANALOG_PARAMETERS, checkpoint: checkpoint.cid },
    ]);
    expect(record.pins).toMatchObject([{ member: 'example-lab', checkpoint: checkpoint.cid }]);

    const { publication } = (await readHome(home)).self.keys;
    const pem = join(await freshFolder(), 'lab.pem');
    const key = publicationKeyOf(publication);
    if (key === null) throw new Error('no key');
    await writeFile(pem, publicKeyPem(key));
    for (const by of [publication, pem])
      expect(await runCli(['release', 'verify', folder, '--key', by])).toMatchObject({ status: 0 });

    // what the node knows names the model, and the directory must be what was released
    const { id: released } = (JSON.parse(run.stdout) as { message: { id: string } }).message;
    const describe = [
      'release',
      'describe',
      folder,
      '--format',
      'cyclonedx',
      '--release',
      released.slice(-8),
    ];
    const described = await runCli([...describe, '--home', home]);
    expect(described.status).toBe(0);
    expect(JSON.parse(described.stdout)).toMatchObject({
      metadata: { component: { name: 'tiny', version: '1', 'bom-ref': checkpoint.cid } },
    });

    // the same directory is the same release
    const again = await runCli([...publish, '--json']);
    expect((JSON.parse(again.stdout) as typeof run & { checkpoint: { cid: string } }).checkpoint.cid).toBe(
      checkpoint.cid,
    );

    // another's signature goes along under a name of its own, and still holds
    const other = publicKeys(new Uint8Array(32).fill(6)).publication;
    await rename(join(folder, 'model.sig'), join(folder, 'upstream.sig'));
    expect(
      await runCli([
        'release',
        'verify',
        folder,
        '--key',
        publication,
        '--signature',
        join(folder, 'upstream.sig'),
      ]),
    ).toMatchObject({ status: 0 });
    await rename(join(folder, 'upstream.sig'), join(folder, 'model.sig'));
    expect(await runCli(['release', 'verify', folder, '--key', other])).toMatchObject({ status: 3 });

    await writeFile(join(folder, 'extra.txt'), 'x');
    const more = await runCli(['release', 'verify', folder, '--key', publication, '--json']);
    expect(more.status).toBe(3);
    expect(JSON.parse(more.stdout)).toMatchObject({ ok: false, reason: 'file-unsigned' });
    expect(await runCli([...describe, '--home', home])).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('release describe', () => {
  const cids = (text: string) => [...new Set(text.match(/\bbafy[a-z2-7]{50,}/g))];

  test.each(['cyclonedx', 'spdx'])('a directory, by the names that are given: %s', async (format) => {
    const folder = await releaseFolder();
    const args = [
      'release',
      'describe',
      folder,
      '--format',
      format,
      '--name',
      'tiny',
      '--model-version',
      '1',
    ];
    expect(await runCli(args)).toMatchObject({ status: 1 });
    const naming = ['--supplier', 'Example Lab', '--time', '2026-11-21'];
    const run = await runCli([...args, ...naming]);
    expect(run.status).toBe(0);
    const said = [
      'Example Lab',
      'Apache-2.0',
      '2026-11-21T00:00:00Z',
      'scripts/corpus.py',
      String(ANALOG_PARAMETERS),
    ];
    for (const each of said) expect(run.stdout).toContain(each);
    expect(cids(run.stdout)).toHaveLength(1);
    // the same again, byte for byte
    const out = join(await freshFolder(), 'bom.json');
    expect((await runCli([...args, ...naming, '--out', out])).status).toBe(0);
    expect(await readFile(out, 'utf8')).toBe(run.stdout);
  });

  test('a card that cannot be read is refused', async () => {
    const folder = await releaseFolder();
    await writeFile(join(folder, 'README.md'), '# analog');
    const naming = ['--name', 'tiny', '--model-version', '1', '--supplier', 'x'];
    const run = await runCli(['release', 'describe', folder, '--format', 'spdx', ...naming]);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('checkpoint-invalid: card-metadata-missing');
  });
});

describe('release import-hf', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const gitSha1 = (text: string) => createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex');

  async function cache(): Promise<{ model: string; blobs: string; snapshot: string }> {
    const model = join(await freshFolder(), 'models--org--name');
    const [blobs, snapshot] = [join(model, 'blobs'), join(model, 'snapshots', 'ab12')];
    await mkdir(join(snapshot, 'scripts'), { recursive: true });
    await mkdir(blobs);
    await mkdir(join(model, 'refs'));
    await writeFile(join(model, 'refs', 'main'), 'ab12');
    const put = async (path: string, content: string, etag: string) => {
      await writeFile(join(blobs, etag), content);
      await symlink(`${'../'.repeat(path.split('/').length + 1)}blobs/${etag}`, join(snapshot, path));
    };
    await put('model.safetensors', 'weights', sha256('weights'));
    await put('config.json', '{}', gitSha1('{}'));
    await put('scripts/train.py', 'pass', gitSha1('pass'));
    await writeFile(join(snapshot, '.gitattributes'), 'x');
    return { model, blobs, snapshot };
  }

  test.each([[[]], [['--link']]])('files in place of links, each checked (%j)', async (flags) => {
    const { model, snapshot } = await cache();
    for (const from of [model, snapshot]) {
      const into = join(await freshFolder(), 'release');
      const run = await runCli(['release', 'import-hf', from, into, '--json', ...flags]);
      expect(run.status).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ files: 3, verified: 3, hidden: ['.gitattributes'] });
      expect(await readFile(join(into, 'scripts', 'train.py'), 'utf8')).toBe('pass');
      await expect(readlink(join(into, 'model.safetensors'))).rejects.toMatchObject({ code: 'EINVAL' });
    }
  });

  test('a snapshot that was downloaded by its revision', async () => {
    const { model } = await cache();
    await rm(join(model, 'refs'), { recursive: true });
    const into = join(await freshFolder(), 'release');
    expect(await runCli(['release', 'import-hf', model, into])).toMatchObject({ status: 0 });
    await mkdir(join(model, 'snapshots', 'cd34'));
    const several = await runCli(['release', 'import-hf', model, `${into}-2`]);
    expect(several.stderr).toContain('error checkpoint-invalid: not-a-directory');
  });

  test('only as its signer signed it, where that is asked', async () => {
    const { snapshot } = await cache();
    const seed = new Uint8Array(32).fill(6);
    const did = publicKeys(seed).publication;
    const digests = { 'config.json': '{}', 'model.safetensors': 'weights', 'scripts/train.py': 'pass' };
    const files = Object.entries(digests).map(([path, text]) => ({ path, sha256: sha256(text) }));
    await writeFile(join(snapshot, 'model.sig'), signModel('x', files, derivePublicationKey(seed), did));
    const parent = await freshFolder();
    const into = join(parent, 'release');
    const importing = (key: string) => runCli(['release', 'import-hf', snapshot, into, '--key', key]);

    const stranger = publicKeys(new Uint8Array(32).fill(7)).publication;
    const refused = await importing(stranger);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('error checkpoint-invalid: key-differs');
    await writeFile(join(snapshot, 'more.txt'), 'x');
    expect((await importing(did)).stderr).toContain('error checkpoint-invalid: file-unsigned');
    expect(await readdir(parent)).toEqual([]);

    await rm(join(snapshot, 'more.txt'));
    expect(await importing(did)).toMatchObject({ status: 0 });
    expect(await readFile(join(into, 'model.safetensors'), 'utf8')).toBe('weights');
  });

  const spoils: readonly (readonly [
    string,
    (made: Awaited<ReturnType<typeof cache>>) => Promise<unknown>,
  ])[] = [
    ['etag-mismatch', ({ blobs }) => writeFile(join(blobs, sha256('weights')), 'Weights')],
    ['etag-mismatch', ({ blobs }) => writeFile(join(blobs, gitSha1('{}')), '[]')],
    ['symlink', ({ snapshot }) => symlink('/etc/hosts', join(snapshot, 'hosts'))],
    ['symlink', ({ snapshot }) => symlink('nowhere', join(snapshot, 'broken'))],
    ['symlink', ({ snapshot }) => symlink('scripts', join(snapshot, 'aside'))],
    ['name-invalid', ({ snapshot }) => writeFile(join(snapshot, 'a:b'), 'x')],
  ];
  test.each(spoils)('refuses: %s', async (reason, spoil) => {
    const made = await cache();
    await spoil(made);
    const parent = await freshFolder();
    const run = await runCli(['release', 'import-hf', made.snapshot, join(parent, 'release')]);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(`error checkpoint-invalid: ${reason}`);
    expect(await readdir(parent)).toEqual([]);
  });

  test('does not write over what is there', async () => {
    const { snapshot } = await cache();
    const into = await freshFolder();
    await writeFile(join(into, 'mine'), 'x');
    const run = await runCli(['release', 'import-hf', snapshot, into]);
    expect(run).toMatchObject({ status: 1 });
    expect(run.stderr).toContain('argument-invalid');
    expect(await readdir(into)).toEqual(['mine']);
  });
});
