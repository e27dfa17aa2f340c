import { rm } from 'node:fs/promises';
import { messageOf, OversightError } from '../../protocols/base/errors.ts';
import type { EventType } from '../../protocols/events/index.ts';
import { deriveKey } from '../../protocols/identity/derive.ts';
import { signingPublicKey } from '../../protocols/identity/ed25519.ts';
import type { Message } from '../../protocols/message/index.ts';
import { oversightPolicyOf } from '../../protocols/oversight/index.ts';
import type { MemberEntry } from '../../protocols/record/index.ts';
import { createGateway, type Gateway, type NodeStatus } from '../gateway/index.ts';
import { nativeEd25519 } from '../keys/index.ts';
import { EventLog, Ledger, ProcessLock } from '../ledger/index.ts';
import { Network, type Outgoing, type PeerRef, peerIdOf, type Ruling } from '../network/index.ts';
import type { WebhookDesk } from '../webhooks/index.ts';
import { meetMembers } from './acquaintance.ts';
import { Author } from './author.ts';
import { Chronicle } from './chronicle.ts';
import { Company } from './company.ts';
import { Confirmation } from './confirmation.ts';
import { type Content, openContent } from './content.ts';
import { followDeadlines } from './deadlines.ts';
import { publishEvents } from './event-publisher.ts';
import { Face } from './face.ts';
import { Feeds } from './feeds.ts';
import { followCharter } from './follow-charter.ts';
import { OwnHead } from './heads.ts';
import { type Home, readHome, writeJson } from './home.ts';
import { type Arrival, Inbox } from './inbox.ts';
import { lineOf } from './line.ts';
import { memberGateways } from './member-gateways.ts';
import { adoptNextKey } from './next-key.ts';
import { openWebhooks } from './open-webhooks.ts';
import { answerOf, openWitnessing } from './open-witnessing.ts';
import { Opener } from './opening/opener.ts';
import type { Keeping } from './pins/keeping.ts';
import { openCheckDesk, openKeepDesk, openKeeping } from './pins/open-pins.ts';
import { readTokenOf } from './read-token.ts';
import { jsonLines, type Reporter } from './report.ts';
import type { StandingDesk } from './standing-desk.ts';
import { systemTimer } from './timer.ts';
import { openTransports, type Transports } from './transports.ts';
import { standDesk } from './verification.ts';
import type { Witnessing } from './witnessing.ts';

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
  const isNew = await adoptNextKey(home);
  const read = await readHome(home);
  if (isNew) (options.report ?? jsonLines)('member.key-taken-up', { member: read.self.keys.signing });
  return Node.start(read, options);
}

/** The composition root: the one place where services meet. Parts are opened in order and closed in reverse. */
class Node implements RunningNode {
  readonly #home: Home;
  readonly #report: Reporter;
  readonly #closing = new AbortController();
  /** What the node has opened; closed in reverse. */
  #parts: AsyncDisposableStack;
  readonly #ledger: Ledger;
  readonly #chronicle: Chronicle;
  readonly #inbox: Inbox;
  readonly #author: Author;
  readonly #content: Content;
  readonly #transports: Transports;
  readonly #network: Network;
  readonly #confirmation: Confirmation;
  readonly #ownHead: OwnHead;
  readonly #face: Face;
  readonly #witnessing: Witnessing;
  readonly #keeping: Keeping;
  readonly #webhooks: WebhookDesk;
  #desk: StandingDesk | null = null;
  #gateway: Gateway | null = null;

  static async start(home: Home, { version, signal, report = jsonLines }: NodeOptions): Promise<Node> {
    await using stack = new AsyncDisposableStack();
    stack.use(new ProcessLock(home.paths.lock));
    const transports = await openTransports(home, { signal });
    if (transports.host !== null) stack.use(transports.host);
    const content = await openContent(home, transports, report, stack);
    const node = new Node(home, version, report, transports, content, stack);
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
    const { charter, paths, seed } = home;
    const clock = { now: () => Date.now() };
    const signingSeed = deriveKey(seed, 'signing');
    this.#home = home;
    this.#report = report;
    this.#parts = stack;
    this.#transports = transports;
    this.#content = content;
    this.#ledger = stack.use(new Ledger(paths.ledger));
    const log = stack.use(new EventLog<EventType>(paths.ledger));
    this.#chronicle = new Chronicle(charter, this.#ledger, log, (error) =>
      report('events.not-stored', { detail: messageOf(error) }),
    );
    const { fold } = this.#chronicle;
    followCharter(home, this.#chronicle, transports, (work) => this.#own(work), report);
    const opener = stack.use(new Opener(charter.id));
    opener.warm();
    this.#inbox = new Inbox(fold, this.#ledger, clock, opener);
    const ed25519 = nativeEd25519();
    const signer = { seed: signingSeed, publicKey: signingPublicKey(signingSeed), ed25519 };
    this.#author = new Author(fold, this.#ledger, signer, clock, (message) => this.#spread(message));
    // what others give back of our own feed is no burden: it must all be here before we speak
    this.#inbox.quotas.exempt(home.self.keys.signing);
    const feeds = new Feeds({
      federation: charter.id,
      ledger: this.#ledger,
      sight: this.#chronicle,
      opener,
      ed25519,
      clock,
      quotas: this.#inbox.quotas,
      onForkedHeads: (head, other) => this.#witnessing.denounce({ feed: head.author, heads: [head, other] }),
    });
    this.#network = stack.use(
      new Network({
        transports: transports.all,
        inbox: { accept: (wire, from, arrival) => this.#receive(wire, from, arrival) },
        lineOf: (wire, from) => lineOf(this.#chronicle.fold, wire, from),
        source: feeds,
        intake: feeds,
        addCheckpoint: async (body) => answerOf(this.#witnessing, body),
      }),
    );
    this.#confirmation = new Confirmation({
      peers: () => this.#network.peers(),
      onAnswer: (listener) => this.#network.sync.onAnswer(listener),
      alone: home.config.speakAlone || this.#chronicle.fold.charter().members.size === 1,
    });
    this.#ownHead = stack.use(
      new OwnHead({
        federation: charter.id,
        ledger: this.#ledger,
        signer,
        tree: () => this.#chronicle.tree(home.self.keys.signing),
        onFault: (error) => report('head.not-signed', { detail: messageOf(error) }),
      }),
    );
    const { witnessing, logs } = openWitnessing(
      {
        home,
        signer,
        ledger: this.#ledger,
        chronicle: this.#chronicle,
        network: this.#network,
        confirmation: this.#confirmation,
        publish: (kind, body) => this.#face.mustPublish(kind, body),
        report,
      },
      stack,
    );
    this.#witnessing = witnessing;
    const held = { home, chronicle: this.#chronicle, content };
    this.#keeping = openKeeping(held, this.#ledger, (kind, body) => this.#face.say(kind, body));
    const alone = new Company(() => this.#network.peers().length, systemTimer);
    stack.defer(this.#network.onPeer(() => alone.changed()));
    const { desk: webhooks, counts: deliveries } = openWebhooks(home, () => this.#face, report, stack);
    this.#webhooks = webhooks;
    this.#face = new Face({
      alone,
      webhooks,
      deliveries,
      home,
      version,
      log,
      transports,
      content,
      logs,
      keeping: this.#keeping,
      witnessing,
      ledger: this.#ledger,
      chronicle: this.#chronicle,
      inbox: this.#inbox,
      author: this.#author,
      confirmation: this.#confirmation,
      network: this.#network,
      jobs: () => this.#desk?.jobs() ?? [],
      closing: this.#closing.signal,
    });
    const known = {
      self: home.self.keys.signing,
      message: this.#face.message.bind(this.#face),
      peerIdOf: ({ key }: MemberEntry) => {
        const keys = this.#chronicle.fold.charter().members.get(key)?.keys;
        return keys === undefined ? null : peerIdOf(keys.libp2p);
      },
    };
    content.useGateways((open) => memberGateways(this.#chronicle.fold.members(), known, open));
    stack.defer(() => this.#closing.abort(new OversightError('cancelled', 'the node is stopping')));
  }

  async #open(signal: AbortSignal): Promise<void> {
    await this.#network.start({ signal });
    const gateway = await this.#openGateway();
    this.#webhooks.start();
    const { nats } = this.#transports;
    if (nats !== null && this.#home.config.events.nats)
      this.#own(publishEvents(this.#face, nats.tell.bind(nats), this.#closing.signal));
    const { introduce, following } = meetMembers(
      this.#home,
      { chronicle: this.#chronicle, face: this.#face, host: this.#transports.host, report: this.#report },
      this.#closing.signal,
      gateway.url,
    );
    this.#own(following);
    const speaking = this.#speakWhenConfirmed(introduce);
    if (this.#confirmation.state === 'confirmed') await speaking;
    else this.#own(speaking);
  }

  /** All that the node says of its own accord comes after its own feed is confirmed. */
  async #speakWhenConfirmed(introduce: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.#confirmation.confirmed, stopped]);
    if (signal.aborted) return;
    await this.#author.recover();
    this.#ownHead.sign();
    this.#witnessing.speak();
    await introduce();
    if (signal.aborted) return;
    this.#desk = standDesk(this.#home, this.#chronicle, this.#content, this.#face, this.#report);
    this.#parts.use(this.#desk);
    this.#openPinDesks();
    // not before peers have been heard: what has come must not be called late
    this.#own(this.#tellDeadlines());
    this.#report('feed.confirmed', { length: this.#ledger.lengthOf(this.#home.self.keys.signing) });
  }

  /** What is due is told by this machine's clock, as long as the node runs. */
  #tellDeadlines(): Promise<void> {
    const { fold } = this.#chronicle;
    return followDeadlines(
      {
        record: () => this.#chronicle.oversightRecord(),
        policyOf: (version) => oversightPolicyOf((fold.charters()[version] ?? fold.charter()).document),
        tell: (events) => this.#chronicle.tell(events),
        clock: { now: () => Date.now() },
        timer: systemTimer,
        onFault: (error) => this.#report('deadlines.not-told', { detail: messageOf(error) }),
      },
      this.#closing.signal,
    );
  }

  /** Promises are checked, and made, only by who may speak. */
  #openPinDesks(): void {
    const needs = {
      home: this.#home,
      chronicle: this.#chronicle,
      content: this.#content,
      face: this.#face,
      transports: this.#transports,
      isConnected: () => this.#network.peers().length > 0,
      report: this.#report,
    };
    for (const desk of [openCheckDesk(needs), openKeepDesk(needs, this.#keeping)])
      if (desk !== null) this.#parts.use(desk);
  }

  /** Serves the node, and tells in its home where. */
  async #openGateway(): Promise<Gateway> {
    const { config, paths, token } = this.#home;
    const { host } = this.#transports;
    const gateway = await createGateway(this.#face, {
      token,
      reads: config.gateway.reads === 'open' ? 'open' : { token: await readTokenOf(paths.readToken) },
      host: config.gateway.host,
      port: config.gateway.port,
      onFault: (error, route) => this.#report('gateway.fault', { route, detail: messageOf(error) }),
      measure: () => this.#face.measure(),
    });
    this.#gateway = gateway;
    this.#parts.use(gateway);
    await writeJson(paths.running, {
      pid: process.pid,
      gateway: gateway.url,
      libp2p: host === null ? [] : [...host.addresses()],
    });
    this.#parts.defer(() => rm(paths.running, { force: true }));
    return gateway;
  }

  async #receive(wire: Uint8Array, from: PeerRef, arrival: Arrival): Promise<Ruling> {
    const { decision, fresh, refusal } = await this.#inbox.accept(wire, arrival);
    // it is durable, and what is missing before it is asked for
    if (fresh !== null && fresh.sequence >= this.#ledger.lengthOf(fresh.author)) this.#network.sync.gap(from);
    const outgoing = fresh === null ? null : outgoingOf(fresh);
    return { decision, fresh: fresh !== null, outgoing, overQuota: refusal === 'over-quota' };
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
    return this.#face.status();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}

function outgoingOf({ id, kind, author, wire }: Message): Outgoing {
  return { id, kind, author, wire };
}
