import { stat } from 'node:fs/promises';
import { hasErrno } from '../../protocols/base/errors.ts';
import type { MemberKey } from '../../protocols/base/ids.ts';
import type { Metric, NodeStatus, Sample } from '../gateway/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Network } from '../network/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { Home } from './home.ts';
import type { Inbox } from './inbox.ts';
import { type Observed, transportStates } from './status.ts';

/** The parts of a node that are measured. */
export interface Measured extends Observed {
  readonly home: Home;
  readonly ledger: Pick<Ledger, 'count' | 'waiting' | 'heads' | 'headOf'>;
  readonly inbox: Pick<Inbox, 'refusals' | 'quotas'>;
  readonly network: Pick<Network, 'peers' | 'counters' | 'depths'>;
  readonly deliveries: ReadonlyMap<string, number>;
  readonly chronicle: Pick<Chronicle, 'record' | 'fold'>;
}

/** What this node would be watched by, at this moment. deploy/README.md lists the names. */
export async function measure(node: Measured): Promise<Metric[]> {
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge('oversight_build_info', 'The version that runs; always 1.', [
      { labels: { version: node.version }, value: 1 },
    ]),
    gauge('oversight_messages', 'Messages in the ledger.', [{ value: node.ledger.count() }]),
    gauge('oversight_feed_messages', 'Messages held of each feed without a gap.', feeds(node)),
    ...witnessing(node.witnessing.state()),
    counter('oversight_network_events_total', 'What the network did and met; messages are received_accept.', [
      ...labelled('event', node.network.counters.snapshot()),
    ]),
    counter('oversight_refused_total', 'Messages refused by the inbox.', [
      ...labelled('reason', node.inbox.refusals()),
    ]),
    counter('oversight_shed_total', 'Messages over the quota of their author.', shed(node)),
    gauge('oversight_queue_messages', 'Messages waiting, by queue.', queues(node)),
    gauge('oversight_peers', 'Neighbours that are connected.', [
      ...transportStates(node.transports, node.network).map(({ name, peers }) => ({
        labels: { transport: name },
        value: peers,
      })),
    ]),
    counter('oversight_connections_refused_total', 'Connections of peers that are not admitted.', [
      ...(node.transports.host === null ? [] : [{ value: node.transports.host.refusedConnections }]),
    ]),
    counter(
      'oversight_webhook_deliveries_total',
      'Tries to deliver an event to a webhook, by how they ended.',
      [...labelled('outcome', Object.fromEntries(node.deliveries))],
    ),
    gauge('oversight_reruns', 'Re-runs of a verifier, by state.', jobs(node.jobs())),
    gauge('oversight_file_bytes', 'Sizes of the databases on disk.', await files(node.home)),
    gauge('oversight_memory_bytes', 'Memory of the process.', [
      { labels: { kind: 'resident' }, value: rss },
      { labels: { kind: 'heap' }, value: heapUsed },
      { labels: { kind: 'external' }, value: external },
    ]),
    counter('oversight_cpu_seconds_total', 'Processor time of the process.', [
      { value: (user + system) / 1e6 },
    ]),
    gauge('oversight_uptime_seconds', 'Since the process started.', [{ value: process.uptime() }]),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'gauge',
  samples,
});

const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'counter',
  samples,
});

function labelled(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** By name, since names outlive keys: the feeds of a member's former keys are counted with its own. */
function byName(node: Measured, counts: Iterable<readonly [MemberKey, number]>): Sample[] {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) {
    const name = node.chronicle.fold.history().of(key)?.name ?? 'unknown';
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].map(([author, value]) => ({ labels: { author }, value }));
}

function feeds(node: Measured): Sample[] {
  return byName(
    node,
    [...node.ledger.heads()].map(({ author, length }) => [author, length] as const),
  );
}

function witnessing({ shown, cosigned }: NodeStatus['witnessing']): Metric[] {
  return [
    gauge('oversight_shown_messages', 'Messages of the own feed that witnesses are to see.', [
      { value: shown },
    ]),
    gauge(
      'oversight_cosigned_messages',
      'Messages of the own feed that each witness has cosigned.',
      cosigned.map(({ witness, size }) => ({ labels: { witness }, value: size })),
    ),
  ];
}

function shed(node: Measured): Sample[] {
  return byName(node, node.inbox.quotas.shed());
}

function queues({ network, ledger }: Measured): Sample[] {
  return labelled('queue', { ...network.depths(), pending: ledger.waiting().messages });
}

function jobs(reruns: readonly { readonly state: string }[]): Sample[] {
  const counts: Record<string, number> = {};
  for (const { state } of reruns) counts[state] = (counts[state] ?? 0) + 1;
  return labelled('state', counts);
}

async function files({ paths }: Home): Promise<Sample[]> {
  const sizes = await Promise.all(
    [paths.ledger, paths.witness].flatMap((path) =>
      [path, `${path}-wal`].map(async (each) => [each, await sizeOf(each)] as const),
    ),
  );
  return sizes
    .filter(([, size]) => size !== null)
    .map(([path, size]) => ({ labels: { file: path.slice(path.lastIndexOf('/') + 1) }, value: size ?? 0 }));
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
