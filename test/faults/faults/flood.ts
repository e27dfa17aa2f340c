import { randomBytes } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { Libp2pHost, subjectsOf } from '../../../services/network/index.ts';
import { Author, seedOf, signerOf } from '../../support/federation.ts';
import { until } from '../../support/until.ts';
import type { Draw } from '../draw.ts';
import type { Fault } from '../fault.ts';
import type { NodeProcess } from '../node-process.ts';
import { Outsider } from '../outsider.ts';
import type { World } from '../world.ts';

/** What a flooding member has ready to send; several times what a node takes of one neighbour in a second. */
const READY_MESSAGES = 3_000;
const GARBAGE_BYTES = 300;
/** The others speak when so many are on their way. */
const AMID_MESSAGES = 300;

/** How far a flood has come; it goes on until it is over or nothing is ready any more. */
interface Tide {
  sent: number;
  over: boolean;
}

/** Someone sends as fast as it can. The others are heard as before, and what is refused is counted. */
export const flood: Fault = {
  name: 'flood',
  cards: 2,
  async act(world, draw) {
    const name = world.flooders.shift();
    if (name === undefined) throw new Error('the charter has no flooder left');
    const target = draw.pick(world.nodes.filter(({ libp2p }) => libp2p !== null));
    const how = draw.pick([messages, garbage, stranger]);
    const tide = { sent: 0, over: false };
    const flooding = how(world, name, target, tide);
    flooding.catch(() => {}); // awaited below
    await Promise.race([flooding, until(() => tide.sent >= AMID_MESSAGES, { what: 'the flood' })]);
    const slowestMs = await everyoneIsHeard(world, draw);
    tide.over = true;
    return `${await flooding}, ${tide.sent} messages; others heard in ${Math.round(slowestMs)} ms`;
  },
};

/** A member sends messages that are in order in every way. */
async function messages(
  { federation, signal }: World,
  name: string,
  target: NodeProcess,
  tide: Tide,
): Promise<string> {
  const author = new Author(name, federation);
  const ready = Array.from({ length: READY_MESSAGES }, (_, n) => author.say('something-new/2', { n }));
  await using outsider = await Outsider.connect(seedOf(name), federation, target, signal);
  for (const { wire } of ready) {
    if (tide.over) break;
    await outsider.send(wire);
    tide.sent += 1;
  }
  return `${name} to ${target.name}`;
}

/** A member sends bytes that are none, until it is no longer listened to. */
async function garbage(
  { federation, signal }: World,
  name: string,
  target: NodeProcess,
  tide: Tide,
): Promise<string> {
  const before = await refusals(target);
  await using outsider = await Outsider.connect(seedOf(name), federation, target, signal);
  for (; !tide.over && tide.sent < READY_MESSAGES; tide.sent++) {
    await outsider.send(randomBytes(GARBAGE_BYTES));
  }
  await refused(target, before);
  return `${name} to ${target.name}, garbage`;
}

/** Nobody's key: over libp2p it is not let in; on an open NATS server it can write whatever it likes. */
async function stranger(
  { federation, nats, nodes, signal }: World,
  name: string,
  target: NodeProcess,
  tide: Tide,
): Promise<string> {
  const hearers = nodes.filter((node) => node.hearsNats);
  const before = await Promise.all(hearers.map(refusals));
  await using host = await Libp2pHost.start(
    { seed: randomBytes(32), federation, admits: () => true },
    { signal },
  );
  host.gossip.subscribe(host.topic);
  host.connect([target.libp2p ?? '']);
  const connection = await connect({ servers: nats.url });
  try {
    const subject = subjectsOf(federation).message('something-new/2', memberKey(signerOf(name).publicKey));
    for (; !tide.over && tide.sent < READY_MESSAGES; tide.sent++) {
      connection.publish(subject, randomBytes(GARBAGE_BYTES));
      if (tide.sent % 100 === 99) await connection.flush();
    }
  } finally {
    await connection.drain();
  }
  await Promise.all(hearers.map((node, i) => refused(node, before[i] as number)));
  if (host.gossip.getSubscribers(host.topic).length > 0)
    throw new Error(`${target.name} speaks to a stranger`);
  return 'a stranger over NATS, garbage';
}

/** @returns milliseconds until every node had what every other said */
async function everyoneIsHeard({ nodes, workload, round, settle }: World, draw: Draw): Promise<number> {
  const begin = performance.now();
  const saying = nodes.map((node) => node.publish('something-new/2', { heard: draw.between(0, 2 ** 30) }));
  for (const [i, id] of (await Promise.all(saying)).entries())
    workload.acknowledged.push({ id: id as MessageId, by: (nodes[i] as NodeProcess).name, round });
  await settle();
  return performance.now() - begin;
}

async function refused(node: NodeProcess, before: number): Promise<void> {
  await until(async () => (await refusals(node)) > before, { what: `${node.name} counts what it refused` });
}

async function refusals(node: NodeProcess): Promise<number> {
  return Object.values((await node.status()).refusals).reduce((sum, count) => sum + count, 0);
}
