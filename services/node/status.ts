import type { NodeStatus } from '../gateway/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Network } from '../network/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { Confirmation } from './confirmation.ts';
import type { Home } from './home.ts';
import type { Inbox } from './inbox.ts';
import type { Transports } from './transports.ts';
import type { Witnessing } from './witnessing.ts';

/** The parts of a node whose state it tells. */
export interface Observed {
  readonly home: Home;
  readonly version: string;
  readonly ledger: Pick<Ledger, 'count' | 'headOf' | 'waiting'>;
  readonly confirmation: Pick<Confirmation, 'state'>;
  readonly log: { last(): number };
  readonly chronicle: Pick<Chronicle, 'record' | 'fold'>;
  readonly inbox: Pick<Inbox, 'refusals'>;
  readonly transports: Transports;
  readonly network: Pick<Network, 'peers' | 'counters'>;
  readonly witnessing: Pick<Witnessing, 'state'>;
  jobs(): NodeStatus['jobs'];
}

export function statusOf(node: Observed): NodeStatus {
  const { self } = node.home;
  const { fold } = node.chronicle;
  const charter = fold.charter();
  const member = charter.members.get(self.keys.signing) ?? null;
  return {
    version: node.version,
    federation: node.home.charter.id,
    federationName: charter.document.name,
    member: self.keys.signing,
    name: self.name,
    roles: member?.roles ?? [],
    charter: { version: charter.document.version, id: charter.id },
    messages: node.ledger.count(),
    pending: node.ledger.waiting().messages,
    ownFeed: ownFeedOf(node),
    // most who ask for the status do not ask for this, which costs a reading of all findings
    get recordDigest() {
      return node.chronicle.record().digest;
    },
    witnessing: node.witnessing.state(),
    lastEvent: node.log.last(),
    transports: transportStates(node.transports, node.network),
    refusals: { ...node.inbox.refusals(), ...networkRefusals(node.network) },
    jobs: node.jobs(),
  };
}

export function ownFeedOf({ ledger, confirmation, home }: Observed): NodeStatus['ownFeed'] {
  const feed = ledger.headOf(home.self.keys.signing);
  return { state: feed?.fork == null ? confirmation.state : 'forked', length: feed?.length ?? 0 };
}

export function transportStates(
  { host, nats }: Transports,
  network: Observed['network'],
): NodeStatus['transports'] {
  const peers = network.peers();
  const count = (transport: string) => peers.filter((peer) => peer.transport === transport).length;
  return [
    ...(host === null ? [] : [{ name: 'libp2p', state: 'connected' as const, peers: count('libp2p') }]),
    ...(nats === null ? [] : [{ name: 'nats', state: natsState(nats.state.state), peers: count('nats') }]),
  ];
}

function natsState(state: 'connecting' | 'connected' | 'reconnecting' | 'closed') {
  return state === 'reconnecting' ? 'connecting' : state;
}

/** What the network refused before the inbox saw it. */
function networkRefusals({ counters }: Observed['network']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters.snapshot()).filter(([name, count]) => name.startsWith('refused_') && count > 0),
  );
}
