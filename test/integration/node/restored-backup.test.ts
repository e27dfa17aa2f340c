import { cp, rm } from 'node:fs/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { DemoNode } from '../../../deploy/demo/nodes.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes } from '../../support/homes.ts';
import { cardBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

const LAB = 'example-lab';
const { signal } = new AbortController();
/** Processes start, dial and ask while other tests run. */
const PATIENCE = { timeoutMs: 40_000 };

let lab: DemoNode;
let academy: DemoNode;
/** Cards so far, so that no two are the same. */
let said: number;

beforeEach(async () => {
  said = 0;
  const homes = await foundHomes(await freshFolder(), [{ name: 'example-academy' }, { name: LAB }]);
  academy = new DemoNode('example-academy', homes['example-academy'] as string, signal);
  lab = new DemoNode(LAB, homes[LAB] as string, signal);
  onTestFinished(() => academy.stop());
  onTestFinished(() => lab.stop());
});

describe('a node whose own feed may go further than it knows', () => {
  test('restored from an old copy: refuses to speak, catches up, goes on without a fork', async () => {
    await academy.start();
    await lab.start();
    await confirmed(lab);
    await publish(lab, 2);
    const backup = await freshFolder();
    await lab.stop();
    await cp(lab.home, backup, { recursive: true });
    await lab.start();
    await confirmed(lab);
    const later = await publish(lab, 5);
    await heldBy(academy, later);
    await lab.kill();
    await academy.stop();
    await restore(backup);

    await lab.start();
    await expect(publish(lab, 1)).rejects.toMatchObject({ code: 'feed-unconfirmed' });
    expect((await lab.status()).ownFeed).toMatchObject({ state: 'unconfirmed' });

    await academy.start();
    await confirmed(lab);
    await heldBy(lab, later);
    const [next] = await publish(lab, 1);
    await heldBy(academy, [next as string]);
    await agreeWithoutFork();
  });

  test('that lost its ledger: gets its own messages back before it introduces itself', async () => {
    await academy.start();
    await lab.start();
    await confirmed(lab);
    const before = await publish(lab, 3);
    await heldBy(academy, before);
    const { length } = (await lab.status()).ownFeed;
    await lab.kill();
    for (const suffix of ['', '-wal', '-shm'])
      await rm(`${lab.home}/ledger.sqlite${suffix}`, { force: true });

    await lab.start();
    await confirmed(lab);
    await heldBy(lab, before);
    // only its card, since its gateway has another port
    expect((await lab.status()).ownFeed.length).toBeLessThanOrEqual(length + 1);
    await publish(lab, 1);
    await agreeWithoutFork();
  });
});

/** Messages of the lab, by id. */
async function publish(node: DemoNode, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    said += 1;
    ids.push(await node.publish('member-card/1', cardBody(`card ${said}`)));
  }
  return ids;
}

async function restore(backup: string): Promise<void> {
  await rm(lab.home, { recursive: true });
  await cp(backup, lab.home, { recursive: true });
}

function confirmed(node: DemoNode): Promise<void> {
  const state = async () => (await node.status()).ownFeed.state;
  return until(async () => (await state()) === 'confirmed', { what: 'a confirmed feed', ...PATIENCE });
}

/** One after another: whoever asks for all at each turn soon asks more often than a gateway answers. */
async function heldBy(node: DemoNode, ids: readonly string[]): Promise<void> {
  const holds = async (id: string) => (await fetch(`${node.url}/messages/${id}`)).status === 200;
  for (const id of ids) await until(() => holds(id), { what: `${id} at ${node.name}`, ...PATIENCE });
}

async function agreeWithoutFork(): Promise<void> {
  const digest = async (node: DemoNode) => (await node.status()).recordDigest;
  const agree = async () => (await digest(lab)) === (await digest(academy));
  await until(agree, { what: 'one record', ...PATIENCE });
  const { record } = await academy.record();
  expect(record.members).toHaveLength(2);
  for (const { feed } of record.members) expect(feed).toMatchObject({ stop: null });
  expect((await lab.status()).ownFeed.state).toBe('confirmed');
}
