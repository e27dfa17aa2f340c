import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EmbeddedStore, fetchDirectory } from '../../../services/checkpoints/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { pattern } from '../../support/checkpoints/golden-tree.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

const MIB = 1_048_576;
const LEAVES = 40;
const CHILD = fileURLToPath(new URL('./fetching-child.ts', import.meta.url));

/** Runs the fetch in a process of its own and kills it with SIGKILL once `bytes` have come. Returns what had come. */
async function killedAfter(bytes: number, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    seen = Math.max(seen, Number(line));
    if (seen >= bytes) child.kill('SIGKILL');
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return seen;
}

it('a fetch killed in the middle goes on from the leaves that were written', async () => {
  const published = await freshFolder();
  await writeFile(join(published, 'model.safetensors'), pattern(LEAVES * MIB));
  const origin = await freshFolder();
  const home = await freshFolder();
  const signal = new AbortController().signal;
  await using from = await EmbeddedStore.open(origin);
  const { cid } = await from.add(published, { signal });

  // the last leaves never come to it: a kill that is late still finds it at work
  const args = [published, await freshFolder(), home, cid, String(LEAVES - 10)];
  const cameBytes = await killedAfter(10 * MIB, args);

  await using store = await EmbeddedStore.open(home);
  expect(await store.has(cid)).toBe(false);
  const source = new StoreSource('whole', from);
  const fetched = await fetchDirectory(store, [source], cid, { signal, limits: { bytes: 1e9 } });
  expect(fetched.ok).toBe(true);
  await store.verify(cid, { signal });
  expect(source.given.length).toBeGreaterThan(0);
  expect(source.given.length).toBeLessThanOrEqual(LEAVES - Math.floor(cameBytes / MIB));
});
