import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { publicKeys } from '../../protocols/identity/derive.ts';
import type { Role } from '../../protocols/kinds/index.ts';
import { initHome, joinHome, readHome } from '../../services/node/home.ts';
import { peerIdOf } from '../../services/node/index.ts';
import { seedOf } from '../support/federation.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { steadyPort } from '../support/steady-port.ts';
import { NodeProcess } from './node-process.ts';
import { Wiring } from './wiring.ts';

const CLI = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

/** The honest members. One hears libp2p only and one NATS only, so that what they say must be carried across. */
const HONEST = [
  { name: 'lab', roles: ['lab', 'witness'], libp2p: true, nats: true },
  { name: 'academy', roles: ['academic', 'witness'], libp2p: true, nats: true },
  { name: 'verifier', roles: ['verifier', 'witness'], libp2p: true, nats: false },
  { name: 'regulator', roles: ['regulator', 'witness'], libp2p: false, nats: true },
] as const satisfies readonly { name: string; roles: readonly Role[]; libp2p: boolean; nats: boolean }[];

export interface Federation {
  readonly id: FederationId;
  readonly nodes: readonly NodeProcess[];
  readonly wiring: Wiring;
  readonly nats: NatsServer;
}

/**
 * Founds a federation in a folder: homes of the honest nodes, wired through proxies, not started yet.
 * @param outsiders names of members that have a seed (`seedOf`) and no node
 */
export async function foundFederation(
  folder: string,
  outsiders: readonly string[],
  stack: AsyncDisposableStack,
  options: { readonly signal: AbortSignal; readonly onSurprise: (what: string) => void },
): Promise<Federation> {
  const nats = stack.use(await startNatsServer());
  const wiring = stack.use(new Wiring());
  const taken = new Set<number>();
  const plans = await Promise.all(
    HONEST.map(async (each) => ({
      ...each,
      home: join(folder, each.name),
      listenPort: await steadyPort(taken),
      gatewayPort: await steadyPort(taken),
    })),
  );
  const entries: string[] = [];
  const peerIds = new Map<string, string>();
  for (const { name, roles, home, libp2p, listenPort, gatewayPort, ...plan } of plans) {
    const natsPort = plan.nats ? await wiring.connectNats(name, nats.port) : null;
    const member = await initHome(
      home,
      { name, organisation: `The ${name}`, roles },
      {
        listen: libp2p ? [loopback(listenPort)] : null,
        peers: [],
        nats: natsPort === null ? [] : [`nats://127.0.0.1:${natsPort}`],
        gatewayPort,
        verifies: false,
      },
    );
    peerIds.set(name, peerIdOf(member.keys.libp2p as MemberKey));
    entries.push(join(home, 'member.json'));
  }
  await mkdir(join(folder, 'outsiders'));
  for (const name of outsiders) entries.push(await writeEntry(folder, name));

  const charter = join(folder, 'charter.json');
  const terms = ['--name', 'Fault run', '--quorum', '1', '--out', charter];
  await promisify(execFile)(process.execPath, [CLI, 'charter', 'create', ...terms, '--member', ...entries]);
  await askForWitnesses(charter);
  const nodes: NodeProcess[] = [];
  for (const { name, home, libp2p, nats: hearsNats, listenPort, gatewayPort } of plans) {
    if (libp2p) {
      const others = plans.filter((other) => other.libp2p && other.name !== name);
      const peers = others.map(async (other) => {
        const port = await wiring.connectLibp2p(name, other.name, other.listenPort);
        return `${loopback(port)}/p2p/${peerIds.get(other.name)}`;
      });
      await dialOnly(home, await Promise.all(peers));
    }
    await joinHome(home, charter);
    const address = {
      name,
      home,
      url: `http://127.0.0.1:${gatewayPort}`,
      libp2p: libp2p ? `${loopback(listenPort)}/p2p/${peerIds.get(name)}` : null,
      hearsNats,
      token: (await readHome(home)).token,
    };
    const node = new NodeProcess(address, options.signal, options.onSurprise);
    nodes.push(node);
    stack.defer(() => node.kill());
  }
  const { charter: founded } = await readHome((plans[0] as (typeof plans)[number]).home);
  return { id: founded.id, nodes, wiring, nats };
}

/** A message counts as known once two of the nodes have cosigned a head that holds it. */
async function askForWitnesses(path: string): Promise<void> {
  const charter = JSON.parse(await readFile(path, 'utf8')) as { policy: object };
  const group = { name: 'any-two', threshold: 2, members: HONEST.map(({ name }) => name) };
  const witness = { outside: [], groups: [group], quorum: group.name };
  await writeFile(path, JSON.stringify({ ...charter, policy: { ...charter.policy, witness } }));
}

/** Its neighbours through their proxies, and a card that sends nobody around them. */
async function dialOnly(home: string, peers: readonly string[]): Promise<void> {
  const path = join(home, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { libp2p: object };
  await writeFile(path, JSON.stringify({ ...config, libp2p: { ...config.libp2p, peers, announce: [] } }));
}

async function writeEntry(folder: string, name: string): Promise<string> {
  const path = join(folder, 'outsiders', `${name}.json`);
  const entry = { name, organisation: `The ${name}`, roles: ['academic'], keys: publicKeys(seedOf(name)) };
  await writeFile(path, JSON.stringify(entry));
  return path;
}

const loopback = (port: number) => `/ip4/127.0.0.1/tcp/${port}`;
