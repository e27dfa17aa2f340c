import {
  Libp2pHost,
  Libp2pTransport,
  NatsTransport,
  Network,
  type NetworkOptions,
  type Outgoing,
  type Transport,
} from '../../services/network/index.ts';
import { FEDERATION, memberOf, seedOf } from './media.ts';
import { feedMessage, TestLedger } from './test-ledger.ts';

const { signal } = new AbortController();

export interface TestNodeOptions {
  readonly name: string;
  /** Listens on loopback and dials these addresses. */
  readonly libp2p?: { readonly dial?: readonly string[]; readonly admits?: (key: string) => boolean };
  readonly natsUrl?: string;
  readonly extra?: readonly Transport[];
  /** What it had before, for a node that comes back. */
  readonly ledger?: TestLedger;
  readonly options?: Partial<NetworkOptions>;
}

export class TestNode implements AsyncDisposable {
  readonly name: string;
  readonly network: Network;
  readonly ledger: TestLedger;
  readonly host: Libp2pHost | null;

  private constructor(name: string, network: Network, ledger: TestLedger, host: Libp2pHost | null) {
    this.name = name;
    this.network = network;
    this.ledger = ledger;
    this.host = host;
  }

  static async start(options: TestNodeOptions): Promise<TestNode> {
    const { name } = options;
    const ledger = options.ledger ?? new TestLedger();
    const transports: Transport[] = [...(options.extra ?? [])];
    let host: Libp2pHost | null = null;
    if (options.libp2p !== undefined) {
      host = await Libp2pHost.start(
        { seed: seedOf(name), federation: FEDERATION, admits: options.libp2p.admits ?? (() => true) },
        { signal },
      );
      transports.push(new Libp2pTransport(host));
    }
    if (options.natsUrl !== undefined) {
      transports.push(
        new NatsTransport({
          servers: [options.natsUrl],
          auth: { kind: 'none' },
          federation: FEDERATION,
          member: memberOf(name),
          admits: () => true,
          whenUnreachable: options.libp2p === undefined ? 'fail' : 'wait',
        }),
      );
    }
    const network = new Network({
      transports,
      inbox: ledger,
      source: ledger,
      intake: ledger,
      ...options.options,
    });
    await network.start({ signal });
    host?.connect(options.libp2p?.dial ?? []);
    return new TestNode(name, network, ledger, host);
  }

  get addresses(): readonly string[] {
    return this.host?.addresses() ?? [];
  }

  /** Stores and publishes the next message of our own feed. */
  async say(text?: string): Promise<Outgoing> {
    const sequence = this.ledger.lengthOf(memberOf(this.name));
    const message = this.ledger.store(feedMessage(this.name, sequence, text));
    await this.network.publish(message, { signal });
    return message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.host?.[Symbol.asyncDispose]();
  }
}
