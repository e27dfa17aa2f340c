import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { liftFileLimit, spawnWithFileLimit } from '../../support/file-limit.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { pickBelow, randomFrom, testSeed } from '../../support/seed.ts';

const CHILD = fileURLToPath(new URL('./appending-child.ts', import.meta.url));
const ROUNDS = 8;
/** Blocks of 1,024 bytes, as `ulimit -f` counts: room for a few hundred messages. */
const FILE_LIMIT_BLOCKS = 700;

describe('what the ledger acknowledged', () => {
  test('survives SIGKILL at random moments', async () => {
    const random = randomFrom(testSeed());
    const path = join(await freshFolder(), 'ledger.sqlite');
    const acknowledged: MessageId[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const child = startChild([path, `round ${round}`, '1000000']);
      const stopAt = 1 + pickBelow(random, 400);
      const ids = await acknowledgedUntil(child, (ids) => ids.length >= stopAt);
      acknowledged.push(...ids);
      using ledger = new Ledger(path);
      expect(acknowledged.filter((id) => !ledger.has(id))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS);
  });

  test('survives a full disk, which refuses the rest with a code until there is space again', async () => {
    const path = join(await freshFolder(), 'ledger.sqlite');
    const child = startChild([path, 'example-lab', '700'], FILE_LIMIT_BLOCKS);
    const ids: MessageId[] = [];
    let refusals = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [word, text] = line.split(' ') as [string, string];
      if (word === 'ok') ids.push(text as MessageId);
      else {
        expect(text).toBe('disk-full');
        refusals += 1;
        await liftFileLimit(child);
        child.stdin.write('again\n');
      }
    }
    expect(refusals).toBe(1);
    expect(ids.length).toBeGreaterThanOrEqual(700);
    using ledger = new Ledger(path);
    expect(ids.filter((id) => !ledger.has(id))).toEqual([]);
    expect(ledger.count()).toBe(ids.length);
  });

  test('can be read while the disk is full', async () => {
    const path = join(await freshFolder(), 'ledger.sqlite');
    const child = startChild([path, 'example-lab', '100000'], FILE_LIMIT_BLOCKS);
    const ids = await acknowledgedUntil(child, (_, failed) => failed !== null);
    using ledger = new Ledger(path);
    expect(ids.filter((id) => !ledger.has(id))).toEqual([]);
  });
});

type Child = ChildProcessByStdio<Writable, Readable, null>;

function startChild(args: readonly string[], fileLimitBlocks?: number): Child {
  const child =
    fileLimitBlocks === undefined
      ? spawn(process.execPath, [CHILD, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawnWithFileLimit([CHILD, ...args], fileLimitBlocks);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Kills the child once `enough` says so. @returns every id whose acknowledgement was printed in full */
async function acknowledgedUntil(
  child: Child,
  enough: (ids: readonly MessageId[], failed: string | null) => boolean,
): Promise<MessageId[]> {
  const exited = once(child, 'exit');
  const ids: MessageId[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, text] = line.split(' ') as [string, string];
    // the last line may have been cut by the kill
    if (word === 'ok' && text.length === 59) ids.push(text as MessageId);
    if (enough(ids, word === 'failed' ? text : null)) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return ids;
}
