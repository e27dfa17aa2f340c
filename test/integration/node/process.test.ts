import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DemoNode } from '../../../deploy/demo/nodes.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { startCli } from '../../support/run-cli.ts';
import { cardBody } from '../../support/samples.ts';
import { pickBelow, randomFrom, testSeed } from '../../support/seed.ts';
import { until } from '../../support/until.ts';

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
    const { messages } = await node.status();
    expect(messages).toBeGreaterThanOrEqual(acknowledged.length);
    for (const id of acknowledged) expect((await fetch(`${node.url}/messages/${id}`)).status).toBe(200);
    const [member] = (await node.record()).record.members;
    expect(member?.feed).toMatchObject({ length: messages, stop: null });
  });

  test('a second process in the same home is refused, whichever way the first ends', async () => {
    const node = await processNode();
    const second = new DemoNode('second', node.home, signal);
    for (const end of ['kill', 'stop'] as const) {
      await node.start();
      await expect(second.start()).rejects.toThrow('home-in-use');
      expect((await node.status()).messages).toBeGreaterThan(0);
      await node[end]();
    }
    await node.start();
  });
});

describe('stopping', () => {
  test('ends open event streams and returns in seconds', async () => {
    const { 'example-lab': home } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
    const live = await LiveNode.start(home as string);
    const streams = await Promise.all(
      Array.from({ length: 8 }, () => fetch(`${live.node.url}/events`, { signal })),
    );
    const ended = streams.map((response) => response.text());
    const start = performance.now();
    await live[Symbol.asyncDispose]();
    await live[Symbol.asyncDispose]();
    expect(performance.now() - start).toBeLessThan(5_000);
    for (const text of await Promise.all(ended)) expect(text).toContain('member.joined');
  });

  test('on SIGTERM, with a stream open, the process ends with status 0', async () => {
    const { 'example-lab': home } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
    const child = startCli(['up', '--home', home as string]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const [ready] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const stream = await fetch(`${ready.slice('ready  '.length)}/events`);
    child.kill('SIGTERM');
    await stream.text();
    expect(await exited).toEqual([0, null]);
  });
});

async function processNode(): Promise<DemoNode> {
  const homes = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
  const node = new DemoNode('example-lab', homes['example-lab'] as string, signal);
  onTestFinished(() => node.stop());
  return node;
}
