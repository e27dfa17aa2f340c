import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { type Member, member } from '../../protocols/kinds/index.ts';
import { peerIdOf } from '../../services/node/index.ts';
import { findNatsServer, freePort, launchNatsServer } from './nats-server.ts';
import { DemoNode, oversight } from './nodes.ts';
import { MEMBERS, OVERSIGHT_POLICY, WITNESS_POLICY } from './story.ts';

export interface Bus {
  /** Null where messages travel over libp2p alone. */
  readonly url: string | null;
  readonly description: string;
}

/** `NATS_URL`, else a server of our own where the program is there, else none. */
export async function openBus(
  directory: string,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Bus> {
  const given = process.env['NATS_URL'];
  if (given !== undefined && given !== '') return { url: given, description: `NATS JetStream at ${given}` };
  const program = await findNatsServer();
  if (program === null) return { url: null, description: 'no NATS: nats-server is not on the PATH' };
  const port = await freePort();
  const child = await launchNatsServer(
    { program, configFile: join(directory, 'nats.conf'), storeDirectory: join(directory, 'jetstream'), port },
    { signal },
  );
  stack.defer(() => {
    child.kill('SIGTERM');
  });
  return { url: `nats://127.0.0.1:${port}`, description: 'NATS JetStream, a server of its own' };
}

const created = z.looseObject({ federation: z.string() });

export interface Federation {
  readonly id: string;
  readonly nodes: readonly DemoNode[];
  node(name: (typeof MEMBERS)[number]['name']): DemoNode;
}

/** Homes, charter, processes: what five organisations would do, each on its own machine. */
export async function foundFederation(
  directory: string,
  bus: Bus,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Federation> {
  const nodes = MEMBERS.map(({ name }) => new DemoNode(name, join(directory, name), signal));
  const nats = bus.url === null ? [] : ['--nats', bus.url];
  const init = async (index: number, address: string, peers: readonly string[]): Promise<Member> => {
    const { name, organisation, roles } = MEMBERS[index] as (typeof MEMBERS)[number];
    const home = ['--home', join(directory, name)];
    const who = ['--name', name, '--organisation', organisation, '--roles', roles];
    const where = ['--listen', address, '--gateway-port', '0', ...nats, ...peers];
    return member.parse(JSON.parse(await oversight(['init', ...home, ...who, ...where, '--json'], signal)));
  };
  // one well-known address is enough: the members' cards say where the others listen
  const meeting = `/ip4/127.0.0.1/tcp/${await freePort()}`;
  const first = await init(0, meeting, []);
  const peer = ['--peer', `${meeting}/p2p/${peerIdOf(first.keys.libp2p as MemberKey)}`];
  await Promise.all(nodes.slice(1).map((_, i) => init(i + 1, '/ip4/127.0.0.1/tcp/0', peer)));

  await checkOften((nodes[1] as DemoNode).home);

  const charterFile = join(directory, 'charter.json');
  const entries = nodes.map((node) => join(node.home, 'member.json'));
  const policyFile = join(directory, 'policy.json');
  await writeFile(policyFile, JSON.stringify({ witness: WITNESS_POLICY, oversight: OVERSIGHT_POLICY }));
  const policy = ['--quorum', '2', '--policy', policyFile];
  const terms = ['--name', 'Demo federation', ...policy, '--out', charterFile, '--json'];
  const { federation } = created.parse(
    JSON.parse(await oversight(['charter', 'create', ...terms, '--member', ...entries], signal)),
  );
  await Promise.all(
    nodes.map((node) => oversight(['join', '--home', node.home, '--charter', charterFile], signal)),
  );
  stack.defer(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  });
  return {
    id: federation,
    nodes,
    node: (name) => nodes.find((node) => node.name === name) as DemoNode,
  };
}

/** Has a node ask keepers every second: one that asks four times a day, as nodes do, would not get to it here. */
async function checkOften(home: string): Promise<void> {
  const path = join(home, 'config.json');
  const config = z.looseObject({ pins: z.looseObject({}) }).parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify({ ...config, pins: { ...config.pins, checksPerDay: 86_400 } }));
}
