import { OversightError } from '../../protocols/base/errors.ts';
import type { FederationId } from '../../protocols/base/ids.ts';
import { deriveKey } from '../../protocols/identity/derive.ts';
import type { Message } from '../../protocols/message/index.ts';
import { Libp2pHost, Libp2pTransport } from '../../services/network/index.ts';
import { until } from '../support/until.ts';
import type { NodeProcess } from './node-process.ts';

/** A libp2p host with a seed of the test's own, connected to one node: what a member with a program of its own can do. */
export class Outsider implements AsyncDisposable {
  readonly #host: Libp2pHost;
  readonly #transport: Libp2pTransport;
  readonly #node: NodeProcess;
  readonly #signal: AbortSignal;

  /** Resolves once the node takes what this member says. */
  static async connect(
    seed: Uint8Array,
    federation: FederationId,
    node: NodeProcess,
    signal: AbortSignal,
  ): Promise<Outsider> {
    await using stack = new AsyncDisposableStack();
    const host = stack.use(
      await Libp2pHost.start({ seed: deriveKey(seed, 'libp2p'), federation, admits: () => true }, { signal }),
    );
    const outsider = stack.use(new Outsider(host, node, signal));
    await outsider.#transport.start(
      {
        receive: async () => 'ignore',
        serve: () => {
          throw new OversightError('peer-failed', 'this member answers nobody');
        },
      },
      { signal },
    );
    host.connect([node.libp2p ?? '']);
    await outsider.#until('it listens', async () => host.gossip.getMeshPeers(host.topic).length > 0);
    stack.move();
    return outsider;
  }

  private constructor(host: Libp2pHost, node: NodeProcess, signal: AbortSignal) {
    this.#host = host;
    this.#transport = new Libp2pTransport(host);
    this.#node = node;
    this.#signal = signal;
  }

  /** Says it, and no more. */
  async send(wire: Uint8Array): Promise<void> {
    await this.#host.gossip.publish(this.#host.topic, wire);
  }

  /** Says it until the node has it. */
  async tell({ id, wire }: Message): Promise<void> {
    await this.send(wire);
    await this.#until(`${this.#node.name} takes ${id}`, () => this.#node.has(id));
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    await until(
      () => {
        this.#signal.throwIfAborted();
        return condition();
      },
      { what },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
    await this.#host[Symbol.asyncDispose]();
  }
}
