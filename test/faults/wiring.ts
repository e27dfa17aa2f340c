import { type LinkState, TcpProxy } from './tcp-proxy.ts';

/** Every link of the federation, each through a proxy of its own: between two libp2p hosts, and from a node to NATS. */
export class Wiring implements AsyncDisposable {
  readonly #libp2p = new Map<string, Map<string, TcpProxy>>();
  readonly #nats = new Map<string, TcpProxy>();

  /** @returns the port at which `from` reaches the libp2p host of `to` */
  async connectLibp2p(from: string, to: string, targetPort: number): Promise<number> {
    const proxy = await TcpProxy.open(targetPort);
    const links = this.#libp2p.get(from) ?? new Map<string, TcpProxy>();
    this.#libp2p.set(from, links.set(to, proxy));
    return proxy.port;
  }

  /** @returns the port at which `from` reaches the NATS server */
  async connectNats(from: string, targetPort: number): Promise<number> {
    const proxy = await TcpProxy.open(targetPort);
    this.#nats.set(from, proxy);
    return proxy.port;
  }

  /** All libp2p links, or those of one node. */
  setLibp2p(state: LinkState, node: string | null = null): void {
    for (const [from, to, proxy] of this.#links()) {
      if (node === null || from === node || to === node) proxy.set(state);
    }
  }

  /** All links to the NATS server, or those of some nodes. */
  setNats(state: LinkState, nodes: readonly string[] | null = null): void {
    for (const [node, proxy] of this.#nats) if (nodes === null || nodes.includes(node)) proxy.set(state);
  }

  /** No word from one side to the other: the libp2p links between them, and NATS for the second. */
  split(side: readonly string[], state: LinkState): void {
    for (const [from, to, proxy] of this.#links()) {
      if (side.includes(from) !== side.includes(to)) proxy.set(state);
    }
    this.setNats(state, side);
  }

  heal(): void {
    this.setLibp2p('open');
    this.setNats('open');
  }

  *#links(): Iterable<[from: string, to: string, proxy: TcpProxy]> {
    for (const [from, links] of this.#libp2p) for (const [to, proxy] of links) yield [from, to, proxy];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const links = [...this.#links()].map(([, , proxy]) => proxy);
    await Promise.all([...links, ...this.#nats.values()].map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}
