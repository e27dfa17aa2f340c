import { rm } from 'node:fs/promises';
import { messageOf, OversightError } from '../../protocols/base/errors.ts';
import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import type { EventType } from '../../protocols/events/index.ts';
import { deriveKey } from '../../protocols/identity/derive.ts';
import { signingPublicKey } from '../../protocols/identity/ed25519.ts';
import { isKind } from '../../protocols/kinds/index.ts';
import { type Message, readStored } from '../../protocols/message/index.ts';
import { BlobServer, peerSources } from '../checkpoints/index.ts';
import {
  type AddedContent,
  createGateway,
  type Gateway,
  type GatewayNode,
  type NodeStatus,
} from '../gateway/index.ts';
import { nativeEd25519, nativeSha256 } from '../keys/index.ts';
import { EventLog, Ledger, ProcessLock } from '../ledger/index.ts';
import { type Libp2pHost, Network, type Outgoing, peerIdOf } from '../network/index.ts';
import { Author } from './author.ts';
import { Chronicle } from './chronicle.ts';
import { Content } from './content.ts';
import { type Home, readHome, writeJson } from './home.ts';
import { Inbox } from './inbox.ts';
import { followCards, introduce } from './introduction.ts';
import { checkRelease } from './release-check.ts';
import { jsonLines, type Reporter } from './report.ts';
import { openTransports, type Transports } from './transports.ts';
import { VerifierDesk } from './verifier-desk.ts';

export interface RunningNode extends AsyncDisposable {
  /** Of the gateway. */
  readonly url: string;
  status(): NodeStatus;
}

export interface NodeOptions {
  readonly version: string;
  readonly signal: AbortSignal;
  readonly report?: Reporter;
}

/**
 * Runs the node whose home this is, until it is disposed.
 * @throws OversightError `home-not-found`, `config-invalid`, `charter-not-found`, `port-in-use`, `nats-unreachable`, …
 */
export async function startNode(home: string, options: NodeOptions): Promise<RunningNode> {
  return Node.start(await readHome(home), options);
}

/** The composition root: the one place where services meet. Parts are opened in order and closed in reverse. */
class Node implements RunningNode, GatewayNode {
  readonly #home: Home;
  readonly #version: string;
  readonly #report: Reporter;
  readonly #closing = new AbortController();
  /** What the node has opened; closed in reverse. */
  #parts: AsyncDisposableStack;
  readonly #ledger: Ledger;
  readonly #log: EventLog<EventType>;
  readonly #chronicle: Chronicle;
  readonly #inbox: Inbox;
  readonly #author: Author;
  readonly #content: Content;
  readonly #transports: Transports;
  readonly #network: Network;
  #desk: VerifierDesk | null = null;
  #gateway: Gateway | null = null;

  static async start(home: Home, { version, signal, report = jsonLines }: NodeOptions): Promise<Node> {
    await using stack = new AsyncDisposableStack();
    stack.use(new ProcessLock(home.paths.lock));
    const transports = await openTransports(home, { signal });
    if (transports.host !== null) stack.use(transports.host);
    const node = new Node(
      home,
      version,
      report,
      transports,
      await openContent(home, transports, report, stack),
      stack,
    );
    await node.#open(signal);
    report('node.ready', { url: node.url, member: home.self.keys.signing, federation: home.charter.id });
    node.#parts = stack.move();
    return node;
  }

  private constructor(
    home: Home,
    version: string,
    report: Reporter,
    transports: Transports,
    content: Content,
    stack: AsyncDisposableStack,
  ) {
    const { charter, paths, seed, self } = home;
    const clock = { now: () => Date.now() };
    const signingSeed = deriveKey(seed, 'signing');
    this.#home = home;
    this.#version = version;
    this.#report = report;
    this.#parts = stack;
    this.#transports = transports;
    this.#content = content;
    this.#ledger = stack.use(new Ledger(paths.ledger));
    this.#log = stack.use(new EventLog<EventType>(paths.ledger));
    this.#chronicle = new Chronicle(charter, this.#ledger, this.#log, (error) =>
      report('events.not-stored', { detail: messageOf(error) }),
    );
    this.#inbox = new Inbox(charter, this.#ledger, clock);
    this.#author = new Author(
      charter,
      this.#ledger,
      { seed: signingSeed, publicKey: signingPublicKey(signingSeed), ed25519: nativeEd25519() },
      clock,
      (message) => this.#spread(message),
    );
    this.#network = stack.use(
      new Network({
        transports: transports.all,
        inbox: { accept: (wire) => this.#receive(wire) },
        source: {
          heads: () => this.#ledger.heads(),
          lengthOf: (author) => this.#ledger.lengthOf(author as typeof self.keys.signing),
          has: (id) => this.#ledger.has(id as MessageId),
          range: (author, from, to) => this.#ledger.range(author as typeof self.keys.signing, from, to),
        },
      }),
    );
    stack.defer(() => this.#closing.abort(new OversightError('cancelled', 'the node is stopping')));
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { config, paths, self, token, charter } = this.#home;
    const { host } = this.#transports;
    await this.#network.start({ signal });
    await this.#author.recover();
    this.#gateway = await createGateway(this, {
      token,
      host: config.gateway.host,
      port: config.gateway.port,
      onFault: (error, route) => this.#report('gateway.fault', { route, detail: messageOf(error) }),
    });
    const gateway = this.#gateway;
    this.#parts.use(gateway);
    await writeJson(paths.running, {
      pid: process.pid,
      gateway: gateway.url,
      libp2p: host === null ? [] : [...host.addresses()],
    });
    this.#parts.defer(() => rm(paths.running, { force: true }));
    const acquaintance = {
      self: self.keys.signing,
      federation: charter.id,
      changed: this.#chronicle.changed,
      record: () => this.#chronicle.record(),
      message: (id: MessageId) => this.message(id),
      mustPublish: (kind: string, body: PlainObject) => this.#mustPublish(kind, body),
    };
    await introduce(acquaintance, {
      displayName: self.organisation,
      libp2p: host === null ? [] : host.addresses(),
      gateway: gateway.url,
    });
    if (host !== null) {
      host.connect(config.libp2p?.peers ?? []);
      const connect = (key: MemberKey, addresses: readonly string[]) => this.#dial(host, key, addresses);
      this.#own(followCards(acquaintance, connect, this.#closing.signal));
    }
    if (config.verifier.enabled && self.roles.includes('verifier')) {
      this.#desk = new VerifierDesk({
        self: self.keys.signing,
        charter,
        config: config.verifier,
        docket: {
          record: () => this.#chronicle.record(),
          changed: this.#chronicle.changed,
          finding: (id) => {
            const message = this.message(id);
            return message !== null && isKind(message, 'finding/1') ? message.body : null;
          },
        },
        shelf: {
          fetch: (cid, options) => this.#content.fetch(cid, options),
          add: (directory, options) => this.#content.addReference(directory, options),
        },
        evidenceDir: paths.evidence,
        publish: (body) => this.#mustPublish('verdict/1', body),
        report: ({ finding, state, detail }) => this.#report(`verifier.${state}`, { finding, detail }),
      });
      this.#parts.use(this.#desk);
    }
  }

  /** A card can send us to its own member only: other peer ids and malformed addresses are left out. */
  #dial(host: Libp2pHost, key: MemberKey, addresses: readonly string[]): void {
    const peer = `/p2p/${peerIdOf(this.#home.charter.members.get(key)?.keys.libp2p ?? '')}`;
    for (const address of addresses.filter((each) => each.endsWith(peer))) {
      try {
        host.connect([address]);
      } catch (error) {
        this.#report('node.card-address-refused', { member: key, detail: messageOf(error) });
      }
    }
  }

  async #mustPublish(kind: string, body: PlainObject): Promise<void> {
    const published = await this.publish(kind, body);
    if (!published.ok)
      throw new OversightError('message-refused', `${published.reason}: ${published.detail}`);
  }

  async #receive(wire: Uint8Array) {
    const { decision, fresh } = await this.#inbox.accept(wire);
    return { decision, fresh: fresh !== null, outgoing: fresh === null ? null : outgoingOf(fresh) };
  }

  /** Hands a durable message to the transports; one that is away takes it when it is back, or by sync. */
  #spread(message: Message): void {
    this.#own(
      this.#network.publish(outgoingOf(message), { signal: this.#closing.signal }).then(() => undefined),
    );
  }

  /** Work that outlives its caller: ends with the node, and its failure is told. */
  #own(work: Promise<void>): void {
    void work.catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#report('node.task-failed', { detail: messageOf(error) });
    });
  }

  get url(): string {
    return this.#gateway?.url ?? '';
  }

  status(): NodeStatus {
    const { charter, self } = this.#home;
    const { host, nats } = this.#transports;
    const peers = this.#network.peers();
    const count = (transport: string) => peers.filter((peer) => peer.transport === transport).length;
    const transports: NodeStatus['transports'] = [
      ...(host === null ? [] : [{ name: 'libp2p', state: 'connected' as const, peers: count('libp2p') }]),
      ...(nats === null ? [] : [{ name: 'nats', state: natsState(nats.state.state), peers: count('nats') }]),
    ];
    return {
      version: this.#version,
      federation: charter.id,
      federationName: charter.document.name,
      member: self.keys.signing,
      name: self.name,
      roles: self.roles,
      messages: this.#ledger.count(),
      recordDigest: this.#chronicle.record().digest,
      lastEvent: this.#log.last(),
      transports,
      refusals: { ...this.#inbox.refusals(), ...networkRefusals(this.#network) },
      jobs: this.#desk?.jobs() ?? [],
    };
  }

  charter() {
    return this.#home.charter.document;
  }

  record() {
    return this.#chronicle.record();
  }

  message(id: MessageId): Message | null {
    const row = this.#ledger.get(id);
    return row === null ? null : readStored(row.wire, nativeSha256);
  }

  events(afterCursor: number, options: { readonly signal: AbortSignal }) {
    return this.#chronicle.events(afterCursor, options);
  }

  async publish(kind: string, body: PlainObject): Promise<Result<Message>> {
    const checked = await checkRelease(this.#content.store, kind, body, { signal: this.#closing.signal });
    if (!checked.ok) {
      const { reason, detail } = checked;
      throw new OversightError('checkpoint-invalid', `${reason}: ${detail}`, { details: { reason } });
    }
    return this.#author.write(kind, body);
  }

  async addContent(
    directory: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Result<AddedContent>> {
    try {
      const { cid, profile, sizeBytes, files } = await this.#content.add(directory, { signal });
      return accept({ cid, profile, sizeBytes, files });
    } catch (error) {
      if (error instanceof OversightError && error.code === 'checkpoint-invalid') {
        return refuse(String(error.details['reason'] ?? error.code), error.message);
      }
      throw error;
    }
  }

  block(cid: string): Promise<Uint8Array | null> {
    return this.#content.block(cid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}

async function openContent(
  { paths, config }: Home,
  { host }: Transports,
  report: Reporter,
  stack: AsyncDisposableStack,
): Promise<Content> {
  const peers = () => (host === null ? [] : peerSources(host));
  const content = stack.use(await Content.open(paths.content, config.kubo, peers, report));
  if (host !== null) stack.use(await BlobServer.start(host, content.store));
  return content;
}

function outgoingOf({ id, kind, author, wire }: Message): Outgoing {
  return { id, kind, author, wire };
}

function natsState(state: 'connecting' | 'connected' | 'reconnecting' | 'closed') {
  return state === 'reconnecting' ? 'connecting' : state;
}

/** What the network refused before the inbox saw it. */
function networkRefusals({ counters }: Network): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters.snapshot()).filter(([name, count]) => name.startsWith('refused_') && count > 0),
  );
}
