import { utf8 } from '../../protocols/base/bytes.ts';
import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import { SYNC_EVIDENCE_LIMIT } from '../../protocols/base/limits.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import type { WitnessAnswer } from '../../protocols/feed/index.ts';
import { isKind } from '../../protocols/kinds/index.ts';
import { type Message, readStored, type Signer } from '../../protocols/message/index.ts';
import type { FeedReader } from '../gateway/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import { KnownCosignatures, type Ledger, WitnessFile } from '../ledger/index.ts';
import { type Network, peerIdOf } from '../network/index.ts';
import { postCheckpoint } from '../witness/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { Confirmation } from './confirmation.ts';
import { FeedLogs } from './feed-logs.ts';
import type { Home } from './home.ts';
import { ShownFeed } from './own-feed.ts';
import type { Reporter } from './report.ts';
import { type Carrier, Witnessing } from './witnessing.ts';

/** What of a node its witnessing needs. */
export interface WitnessingSurroundings {
  readonly home: Home;
  readonly signer: Signer;
  readonly ledger: Ledger;
  readonly chronicle: Chronicle;
  readonly network: Network;
  readonly confirmation: Pick<Confirmation, 'state'>;
  /** Resolves when the message is durable. @throws OversightError `message-refused`, `feed-unconfirmed` */
  publish(kind: string, body: PlainObject): Promise<void>;
  readonly report: Reporter;
}

/** Opens the node's part among witnesses, and its feeds as logs; both end with the stack. */
export function openWitnessing(
  node: WitnessingSurroundings,
  stack: AsyncDisposableStack,
): { readonly witnessing: Witnessing; readonly logs: FeedReader } {
  const { home, signer, ledger, chronicle, network, confirmation, report } = node;
  const federation = home.charter.id;
  const self = home.self.keys.signing as MemberKey;
  const file = stack.use(new WitnessFile(home.paths.witness));
  const known = stack.use(new KnownCosignatures(home.paths.witness));
  const messageOf = (id: MessageId): Message | null => {
    const row = ledger.get(id);
    return row === null ? null : readStored(row.wire, nativeSha256);
  };
  const witnessing = stack.use(
    new Witnessing({
      federation,
      signer,
      file,
      known,
      feed: new ShownFeed({
        federation,
        signer,
        tree: () => chronicle.tree(self),
        wires: (from, to) => ledger.range(self, from, to),
      }),
      charter: () => chronicle.fold.charter().document,
      knows: (key) => chronicle.fold.history().of(key) !== null,
      isConfirmed: () => confirmation.state === 'confirmed',
      carriersTo: (member) => carriersTo(member, network, chronicle, messageOf),
      publish: (kind, body) => node.publish(kind, body),
      report,
    }),
  );
  const logs = new FeedLogs({
    federation,
    ed25519: signer.ed25519,
    known,
    feeds: () => ledger.heads(),
    tree: (feed) => chronicle.tree(feed),
    wires: (feed, from, to) => ledger.range(feed, from, to),
    signedHead: (feed) => ledger.signedHead(feed),
    evidence: (feed) => ledger.evidence(feed, SYNC_EVIDENCE_LIMIT),
    message: messageOf,
    charter: () => chronicle.fold.charter().document,
    governing: (feed, sequence) =>
      chronicle.fold.history().governing(feed, sequence)?.charter.document ?? null,
  });
  witnessing.open((afterCursor) => ledger.rows(afterCursor));
  ledger.onDurable((rows) => witnessing.take(rows));
  chronicle.onCharter(() => witnessing.retry());
  stack.defer(
    network.onPeer(({ connected }) => {
      if (connected) witnessing.retry();
    }),
  );
  return { witnessing, logs: withWitness(logs, witnessing) };
}

/** What a node that is no witness says to who asks it as one. spec 14-witnesses §3.2 */
export function answerOf(witnessing: Witnessing, body: string): WitnessAnswer {
  const none = { status: 404, contentType: 'text/plain; charset=utf-8', body: 'no-witness\n' };
  return witnessing.addCheckpoint(utf8(body)) ?? none;
}

function withWitness(logs: FeedLogs, witnessing: Witnessing): FeedReader {
  return {
    feeds: () => logs.feeds(),
    checkpoint: (feed) => logs.checkpoint(feed),
    tile: (feed, name) => logs.tile(feed, name),
    evidence: (feed) => logs.evidence(feed),
    proof: (id) => logs.proof(id),
    witnessPolicy: (message) => logs.witnessPolicy(message),
    addCheckpoint: (body) => witnessing.addCheckpoint(body),
  };
}

/** Connections there are, then the gateway of the member's card. */
function* carriersTo(
  member: MemberKey,
  network: Network,
  chronicle: Chronicle,
  messageOf: (id: MessageId) => Message | null,
): Generator<Carrier> {
  const entry = chronicle.fold.charter().members.get(member);
  if (entry === undefined) return;
  const names = new Set<string>([member, peerIdOf(entry.keys.libp2p as MemberKey)]);
  for (const peer of network.peers().filter(({ id }) => names.has(id)))
    yield (body, options) => network.addCheckpoint(peer, body, options);
  const card = chronicle.fold.members().find(({ key }) => key === member)?.card ?? null;
  const message = card === null ? null : messageOf(card);
  const gateway =
    message !== null && isKind(message, 'member-card/1') ? message.body.endpoints.gateway : null;
  if (gateway !== null) yield (body, options) => postCheckpoint(gateway, body, options);
}
