import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointFile } from '../../../services/checkpoints/index.ts';
import { surveyDirectory } from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';

const signal = new AbortController().signal;

async function directory(): Promise<string> {
  const folder = await freshFolder();
  await mkdir(join(folder, 'scripts'));
  await writeFile(join(folder, 'a.bin'), new Uint8Array(3 * 2 ** 20 + 17).fill(3));
  await writeFile(join(folder, 'config.json'), '{}');
  await writeFile(join(folder, 'scripts', 'train.py'), 'pass');
  await writeFile(join(folder, 'zero'), '');
  return folder;
}

describe('surveyDirectory', () => {
  it('shows every byte once, in order, while it is hashed', async () => {
    const folder = await directory();
    const seen = new Map<string, ReturnType<typeof createHash>>();
    const survey = await surveyDirectory(folder, {
      signal,
      look: (path) => {
        const digest = createHash('sha256');
        seen.set(path, digest);
        let next = 0;
        return (chunk, offset) => {
          expect(offset).toBe(next);
          next += chunk.length;
          digest.update(chunk);
        };
      },
    });
    expect(survey.files.map(({ path }) => path)).toEqual([
      'a.bin',
      'config.json',
      'scripts/train.py',
      'zero',
    ]);
    for (const { path, sha256 } of survey.files) expect(seen.get(path)?.digest('hex')).toBe(sha256);
  });

  it('puts a seal over the files beside them, the same each time', async () => {
    const folder = await directory();
    const make = (files: readonly CheckpointFile[]) =>
      Buffer.from(files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''));
    const first = await surveyDirectory(folder, { signal, seal: { name: 'model.sig', make } });
    expect(first.files.map(({ path }) => path)).toEqual([
      'a.bin',
      'config.json',
      'model.sig',
      'scripts/train.py',
      'zero',
    ]);
    const text = await readFile(join(folder, 'model.sig'), 'utf8');
    expect(text.split('\n')).toHaveLength(5);
    expect(text).not.toContain('model.sig');
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    const again = await surveyDirectory(folder, { signal, seal: { name: 'model.sig', make } });
    expect(again.cid).toBe(first.cid);
    expect((await surveyDirectory(folder, { signal })).cid).toBe(first.cid);
  });

  it('leaves no seal behind when the pass is stopped', async () => {
    const folder = await directory();
    const stop = new AbortController();
    const survey = surveyDirectory(folder, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
      seal: { name: 'model.sig', make: () => Buffer.from('x') },
    });
    await expect(survey).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(folder)).not.toContain('model.sig');
  });
});
