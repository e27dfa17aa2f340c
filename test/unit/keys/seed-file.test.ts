import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSeedFile, readSeedFile } from '../../../services/keys/index.ts';
import { freshFolder } from '../../support/fresh-folder.ts';

let path: string;

beforeEach(async () => {
  path = join(await freshFolder(), 'seed');
});

describe('the seed file', () => {
  test('is read as it was made, and only its owner can', async () => {
    const seed = await createSeedFile(path);
    expect(seed).toHaveLength(32);
    expect(await readSeedFile(path)).toEqual(Uint8Array.from(seed));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('is never overwritten', async () => {
    await createSeedFile(path);
    const before = await readFile(path);
    await expect(createSeedFile(path)).rejects.toMatchObject({ code: 'home-exists' });
    expect(await readFile(path)).toEqual(before);
  });

  test.each([
    ['readable by the group', 'ab'.repeat(32), 0o640],
    ['readable by all', 'ab'.repeat(32), 0o604],
    ['too short', 'ab'.repeat(31), 0o600],
    ['too long', 'ab'.repeat(33), 0o600],
    ['in capitals', 'AB'.repeat(32), 0o600],
    ['empty', '', 0o600],
    ['raw bytes', '\x00\x01\x02', 0o600],
  ])('%s: refused', async (_, content, mode) => {
    await writeFile(path, content);
    await chmod(path, mode);
    await expect(readSeedFile(path)).rejects.toMatchObject({ code: 'seed-invalid' });
  });

  test('missing: refused', async () => {
    await expect(readSeedFile(path)).rejects.toMatchObject({ code: 'seed-invalid' });
  });
});
