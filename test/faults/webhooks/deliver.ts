import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { DemoNode } from '../../../deploy/demo/nodes.ts';
import { homePaths } from '../../../services/node/home.ts';
import { foundHomes } from '../../support/homes.ts';
import { cardBody } from '../../support/samples.ts';
import { pickBelow, randomFrom } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { Receiver, SECRET } from '../../support/webhooks/receiver.ts';

/** What is read of a node's answer to `/status`. */
const status = z.looseObject({ lastEvent: z.int() });

export interface DeliveryPlan {
  readonly folder: string;
  readonly seed: number;
  readonly events: number;
  readonly kills: number;
  readonly signal: AbortSignal;
  readonly onRound?: (line: string) => void;
}

export interface DeliveryReport {
  /** Events of the node's log at the end. */
  readonly events: number;
  /** Deliveries that the subscriber took: more than events, by what was sent again after a kill. */
  readonly deliveries: number;
  readonly kills: number;
  /** Of deliveries that the reference library refused. */
  readonly forged: number;
  /** First arrivals: cursors in their order. */
  readonly distinct: readonly number[];
}

/** How long a node may take for a thousand deliveries, on a machine with other work. */
const PATIENCE_MS = 240_000;
const PUBLISHERS = 8;

/**
 * A node in a process of its own publishes and delivers to a subscriber here, and is killed at random moments while it
 * does.
 */
export async function deliverThroughKills(plan: DeliveryPlan): Promise<DeliveryReport> {
  const { folder, seed, events, kills, signal } = plan;
  const random = randomFrom(seed);
  const { 'example-lab': home = '' } = await foundHomes(folder, [{ name: 'example-lab' }]);
  await allowPrivateWebhooks(home);
  await using receiver = await Receiver.start();
  const node = new DemoNode('example-lab', home, signal);
  try {
    await node.start();
    const token = (await readFile(homePaths(home).token, 'utf8')).trim();
    await subscribe(node.url, receiver.url, token);
    for (let round = 0; round <= kills; round++) {
      const goal = Math.ceil((events * (round + 1)) / (kills + 1));
      const publishing = publishUpTo(node, goal);
      if (round === kills) {
        await publishing;
        break;
      }
      const begun = Math.floor((events * round) / (kills + 1));
      const killAt =
        Math.max(receiver.distinct.length, begun) + 1 + pickBelow(random, events / (kills + 1) / 2);
      await until(() => receiver.distinct.length >= killAt, {
        timeoutMs: PATIENCE_MS,
        what: `${killAt} deliveries`,
      });
      await node.kill();
      await publishing;
      plan.onRound?.(
        `kill ${round + 1}: ${receiver.distinct.length} delivered, ${receiver.received.length} taken`,
      );
      await node.start();
    }
    const { events: told, distinct } = await allDelivered(node, receiver);
    const { received, forged } = receiver;
    return { events: told, deliveries: received.length, kills, forged: forged.length, distinct };
  } finally {
    await node.kill();
  }
}

/**
 * Waits until the subscriber has all that is in the log. A node introduces itself when it has started, so its log may still
 * grow: each look compares one answer with what has come.
 */
async function allDelivered(
  node: DemoNode,
  receiver: Receiver,
): Promise<Pick<DeliveryReport, 'events' | 'distinct'>> {
  let events = 0;
  let distinct: readonly number[] = [];
  const isWhole = async () => {
    ({ lastEvent: events } = await node.client.get('/status', status));
    distinct = receiver.distinct;
    return distinct.length === events;
  };
  await until(isWhole, { timeoutMs: PATIENCE_MS, what: 'all events delivered' });
  return { events, distinct };
}

/** Until the node's log has so many events, or the node has gone. */
async function publishUpTo(node: DemoNode, goal: number): Promise<void> {
  const publisher = async (of: number) => {
    try {
      for (let n = 0; (await node.client.get('/status', status)).lastEvent < goal; n++)
        for (let i = 0; i < 10; i++) await node.publish('member-card/1', cardBody(`${goal} ${of} ${n} ${i}`));
    } catch {
      // killed: what was on its way has no answer
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, (_, of) => publisher(of)));
}

async function subscribe(node: string, url: string, token: string): Promise<void> {
  const response = await fetch(`${node}/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ url, secret: SECRET, after: 0 }),
  });
  if (response.status !== 201) throw new Error(`no subscription: ${await response.text()}`);
}

/** The subscriber of this run is on loopback. */
async function allowPrivateWebhooks(home: string): Promise<void> {
  const path = homePaths(home).config;
  const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const changed = { ...config, events: { nats: false, privateWebhooks: true } };
  await writeFile(path, JSON.stringify(changed));
}
