import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshFolder } from '../../support/fresh-folder.ts';
import { agree, foundHomes, LiveNode } from '../../support/homes.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { cardBody, frontierBody } from '../../support/samples.ts';

/** What each node says when it starts: that it joins, and where it is. */
const INTRODUCTION = 2;

let nats: NatsServer;
let folder: string;

beforeAll(async () => {
  nats = await startNatsServer();
});
afterAll(() => nats[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await freshFolder();
});

describe('one record', () => {
  test('on libp2p only, on NATS only, and on both: each hears all, through the one that has both', async () => {
    const homes = await foundHomes(folder, [
      { name: 'example-lab', natsUrl: nats.url },
      { name: 'example-academy' },
      { name: 'example-regulator', libp2p: false, natsUrl: nats.url },
    ]);
    const [lab, academy, regulator] = await startAll(homes);
    await agree([lab, academy, regulator], 3 * INTRODUCTION);
    const release = await lab.publish('frontier-release/1', frontierBody('tiny'));
    await academy.publish('member-card/1', cardBody('heard over NATS'));
    await regulator.publish('member-card/1', cardBody('heard over libp2p'));
    await agree([lab, academy, regulator], 3 * INTRODUCTION + 3);
    for (const node of [lab, academy, regulator]) {
      const { record, digest } = await node.record();
      expect(record.frontierReleases.map(({ id }) => id)).toEqual([release]);
      expect(record.members.every(({ ratification, card }) => ratification !== null && card !== null)).toBe(
        true,
      );
      expect(digest).toBe(lab.node.status().recordDigest);
    }
    expect(regulator.node.status().transports.map(({ name }) => name)).toEqual(['nats']);
    expect(academy.node.status().transports.map(({ name }) => name)).toEqual(['libp2p']);
  });
});

describe('a node that was away catches up', () => {
  test('over libp2p alone', async () => {
    const homes = await foundHomes(folder, [{ name: 'example-lab' }, { name: 'example-academy' }]);
    await catchesUp(homes, async () => {});
  });

  test('over NATS alone, from the stream', async () => {
    const homes = await foundHomes(folder, [
      { name: 'example-lab', libp2p: false, natsUrl: nats.url },
      { name: 'example-academy', libp2p: false, natsUrl: nats.url },
    ]);
    await catchesUp(homes, async () => {});
  });

  test('over NATS alone, from the other node, when the stream is gone', async () => {
    await using own = await startNatsServer();
    const homes = await foundHomes(folder, [
      { name: 'example-lab', libp2p: false, natsUrl: own.url },
      { name: 'example-academy', libp2p: false, natsUrl: own.url },
    ]);
    await catchesUp(homes, () => own.restartEmpty());
  });

  async function catchesUp(homes: Record<string, string>, meanwhile: () => Promise<void>): Promise<void> {
    const [lab, academy] = await startAll(homes);
    await agree([lab, academy], 2 * INTRODUCTION);
    await academy[Symbol.asyncDispose]();
    for (let n = 0; n < 40; n++) await lab.publish('something-new/2', { n });
    await meanwhile();
    await lab.publish('frontier-release/1', frontierBody('tiny'));
    const again = await LiveNode.start(academy.home);
    // one more: its gateway has another port now, and its card says so
    await agree([lab, again], 2 * INTRODUCTION + 42);
    expect((await again.record()).record.frontierReleases).toHaveLength(1);
  }
});

async function startAll(homes: Record<string, string>): Promise<[LiveNode, LiveNode, LiveNode]> {
  const nodes = [];
  for (const home of Object.values(homes)) nodes.push(await LiveNode.start(home));
  return nodes as [LiveNode, LiveNode, LiveNode];
}
