import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { DemoNode } from '../../../deploy/demo/nodes.ts';
import { recordAnswer, statusAnswer } from '../../../services/cli/answers.ts';
import { NodeClient } from '../../../services/cli/node-client.ts';
import { liftFileLimit, spawnWithFileLimit } from '../../support/file-limit.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { POLLED, readinessOf } from '../../support/readiness.ts';
import { startCli } from '../../support/run-cli.ts';
import { cardBody } from '../../support/samples.ts';
import { pickBelow, randomFrom, testSeed } from '../../support/seed.ts';
import { until } from '../../support/until.ts';

const CLI = fileURLToPath(new URL('../../../services/cli/main.ts', import.meta.url));
/** Of 1,024 bytes: room for some dozens of large messages. */
const FILE_LIMIT_BLOCKS = 2_000;
const anyAnswer = z.looseObject({});

const { signal } = new AbortController();

describe('a node as a process of its own', () => {
  test('killed while it publishes: after each restart all that it answered 2xx is there, in one unbroken feed', async () => {
    const node = await processNode();
    const random = randomFrom(testSeed());
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      await node.start();
      const killAt = acknowledged.length + 1 + pickBelow(random, 120);
      const publishers = Array.from({ length: 8 }, async (_, p) => {
        for (let n = 0; ; n++) {
          try {
            acknowledged.push(await node.publish('member-card/1', cardBody(`${round} ${p} ${n}`)));
          } catch {
            return; // the node is gone: what was on its way has no answer
          }
        }
      });
      await until(() => acknowledged.length >= killAt, { what: `${killAt} messages published` });
      await node.kill();
      await Promise.all(publishers);
    }
    await node.start();
    for (const id of acknowledged) expect((await fetch(`${node.url}/messages/${id}`)).status).toBe(200);
    // it answers before it has signed again what it had reserved, and has told its address: two more messages
    const gapOf = async () => {
      const [member] = (await node.record()).record.members;
      const { messages } = await node.status();
      expect(messages).toBeGreaterThanOrEqual(acknowledged.length);
      return { outsideTheFeed: messages - (member?.feed.length ?? 0), stop: member?.feed.stop };
    };
    await expect.poll(gapOf, POLLED).toEqual({ outsideTheFeed: 0, stop: null });
  });

  test('a second process in the same home is refused, whichever way the first ends', async () => {
    const node = await processNode();
    const second = new DemoNode('second', node.home, signal);
    for (const end of ['kill', 'stop'] as const) {
      await node.start();
      // it answers before it has introduced itself, and both write to one log, whose last line is looked at
      const log = () => readFile(join(node.home, 'node.log'), 'utf8');
      await until(async () => (await log()).includes(`ready  ${node.url}`), {
        what: 'the first process ready',
      });
      await expect(second.start()).rejects.toThrow('home-in-use');
      expect((await node.status()).messages).toBeGreaterThan(0);
      await node[end]();
    }
    await node.start();
  });
});

describe('a full disk', () => {
  test('refuses a publication with a code, keeps serving, and the feed goes on once there is space', async () => {
    const { 'example-lab': home } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
    const child = spawnWithFileLimit([CLI, 'up', '--home', home as string], FILE_LIMIT_BLOCKS);
    onTestFinished(() => void child.kill('SIGKILL'));
    const url = await readyUrl(child);
    const client = new NodeClient(url, { signal });
    const token = (await readFile(join(home as string, 'token'), 'utf8')).trim();
    const publish = (n: number) =>
      client.publish('something-new/2', { n, padding: 'x'.repeat(50_000) }, token);
    const acknowledged: string[] = [];
    const refused = async () => {
      for (let n = 0; n < 1_000; n++) acknowledged.push((await publish(n)).id);
    };
    await expect(refused()).rejects.toMatchObject({ code: 'disk-full' });
    await expect(publish(0)).rejects.toMatchObject({ code: 'disk-full' });
    expect(await client.get('/status', statusAnswer)).toMatchObject({ name: 'example-lab' });
    // beside it the events of the last message, where these found no room either
    const full = { status: 503, failing: expect.arrayContaining(['storage']) };
    await expect.poll(() => readinessOf(url), POLLED).toMatchObject(full);

    await liftFileLimit(child);
    await expect.poll(() => readinessOf(url), POLLED).toMatchObject({ failing: [] });
    const after = await publish(-1);
    const record = await client.get('/record', recordAnswer);
    expect(record.members[0]?.feed).toMatchObject({ length: after.sequence + 1, stop: null });
    for (const id of acknowledged) expect((await client.get(`/messages/${id}`, anyAnswer))['id']).toBe(id);
  });
});

describe('stopping', () => {
  test('ends open event streams and returns', async () => {
    const { 'example-lab': home } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
    const live = await LiveNode.start(home as string);
    const streams = await Promise.all(
      Array.from({ length: 8 }, () => fetch(`${live.node.url}/events`, { signal })),
    );
    const ended = streams.map((response) => response.text());
    await live[Symbol.asyncDispose]();
    await live[Symbol.asyncDispose]();
    for (const text of await Promise.all(ended)) expect(text).toContain('member.joined');
  });

  test('on SIGTERM, with a stream open, the process ends with status 0', async () => {
    const { 'example-lab': home } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
    const child = startCli(['up', '--home', home as string]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const stream = await fetch(`${await readyUrl(child)}/events`);
    child.kill('SIGTERM');
    await stream.text();
    expect(await exited).toEqual([0, null]);
  });
});

/** What `up` prints once its gateway answers. */
async function readyUrl({ stdout }: { readonly stdout: Readable }): Promise<string> {
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string];
  return line.slice('ready  '.length);
}

async function processNode(): Promise<DemoNode> {
  const homes = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
  const node = new DemoNode('example-lab', homes['example-lab'] as string, signal);
  onTestFinished(() => node.stop());
  return node;
}
