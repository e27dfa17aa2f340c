import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { derivePublicationKey, publicKeys } from '../../protocols/identity/derive.ts';
import {
  type PublicationKey,
  publicationKeyOf,
  publicKeyPem,
  signModel,
} from '../../protocols/provenance/index.ts';
import { surveyDirectory } from '../../services/checkpoints/index.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { releaseFolder } from '../support/release-folder.ts';
import { runCli } from '../support/run-cli.ts';

/** Of `npm run python-tools`; a program that is not there fails the test with its name. */
async function run(program: string, args: readonly string[]) {
  try {
    const { stdout } = await promisify(execFile)(program, args);
    return { status: 0, stdout };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'number') throw error;
    return { status: code, stdout: '' };
  }
}

const seed = new Uint8Array(32).fill(5);

/** A release as the node signs it, and the key to check it by. */
async function signedRelease() {
  const folder = await releaseFolder();
  const did = publicKeys(seed).publication;
  const { files } = await surveyDirectory(folder, { signal: new AbortController().signal });
  await writeFile(join(folder, 'model.sig'), signModel('analog', files, derivePublicationKey(seed), did));
  const pem = join(await freshFolder(), 'lab.pem');
  await writeFile(pem, publicKeyPem(publicationKeyOf(did) as PublicationKey));
  return { folder, pem };
}

describe('OpenSSF Model Signing, the reference implementation', () => {
  const verify = ({ folder, pem }: { readonly folder: string; readonly pem: string }) =>
    run('model_signing', [
      'verify',
      'key',
      folder,
      '--signature',
      join(folder, 'model.sig'),
      '--public_key',
      pem,
    ]);

  it('takes our signature, and refuses it once a byte has changed', async () => {
    const release = await signedRelease();
    expect((await verify(release)).status).toBe(0);
    await writeFile(join(release.folder, 'DATA.md'), 'other data');
    expect((await verify(release)).status).not.toBe(0);
  });

  it.each(['P-256', 'P-384', 'P-521'])('signs what we take, with a key of %s', async (namedCurve) => {
    const folder = await releaseFolder();
    const keys = await freshFolder();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    await writeFile(join(keys, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(join(keys, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    const signature = join(keys, 'foreign.sig');
    const signed = await run('model_signing', [
      'sign',
      'key',
      folder,
      '--signature',
      signature,
      '--private_key',
      join(keys, 'key.pem'),
    ]);
    expect(signed.status).toBe(0);
    const check = ['release', 'verify', folder, '--key', join(keys, 'key.pub'), '--signature', signature];
    expect(await runCli(check)).toMatchObject({ status: 0 });
    const moved = join(await freshFolder(), 'moved');
    await cp(folder, moved, { recursive: true });
    expect(await runCli(check.toSpliced(2, 1, moved))).toMatchObject({ status: 0 });
    await rm(join(folder, 'DATA.md'));
    expect(await runCli([...check, '--json'])).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('file-missing'),
    });
  });
});

it('the SPDX project’s own library reads our description', async () => {
  const folder = await releaseFolder();
  const out = join(await freshFolder(), 'model.spdx.json');
  const naming = ['--name', 'tiny', '--model-version', '1', '--supplier', 'Example Lab'];
  const describe = ['release', 'describe', folder, '--format', 'spdx', ...naming, '--out', out];
  expect(await runCli(describe)).toMatchObject({ status: 0 });
  const read = await run('python3', [fileURLToPath(new URL('python/read_spdx.py', import.meta.url)), out]);
  const config = createHash('sha256').update(await readFile(join(folder, 'config.json')));
  expect(JSON.parse(read.stdout)).toMatchObject({
    missing: [],
    name: 'tiny',
    version: '1',
    supplier: 'Example Lab',
    files: { 'config.json': config.digest('hex') },
  });
});
