import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** `closed` breaks connections and refuses new ones; `stalled` keeps them and carries nothing, as a dead link does. */
export type LinkState = 'open' | 'closed' | 'stalled';

interface Circuit {
  readonly near: Socket;
  readonly far: Socket;
}

/** One link between two processes, which a test can cut without being root. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #circuits = new Set<Circuit>();
  #state: LinkState = 'open';

  static async open(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new TcpProxy(server, address.port, targetPort);
  }

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on('connection', (near) => this.#accept(near));
  }

  set(state: LinkState): void {
    this.#state = state;
    for (const circuit of this.#circuits) {
      if (state === 'closed') end(circuit);
      else if (state === 'stalled') pause(circuit);
      else resume(circuit);
    }
  }

  #accept(near: Socket): void {
    if (this.#state === 'closed') {
      near.destroy();
      return;
    }
    const far = createConnection({ host: '127.0.0.1', port: this.#target, allowHalfOpen: true });
    const circuit = { near, far };
    this.#circuits.add(circuit);
    this.#carry(near, far, circuit);
    this.#carry(far, near, circuit);
    if (this.#state === 'open') resume(circuit);
    else pause(circuit);
  }

  #carry(from: Socket, to: Socket, circuit: Circuit): void {
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (this.#state === 'open') from.resume();
    });
    from.on('end', () => to.end());
    from.on('error', () => {}); // told by `close`
    from.on('close', () => {
      this.#circuits.delete(circuit);
      to.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const circuit of this.#circuits) end(circuit);
    await closed;
  }
}

function end({ near, far }: Circuit): void {
  near.destroy();
  far.destroy();
}

function pause({ near, far }: Circuit): void {
  near.pause();
  far.pause();
}

function resume({ near, far }: Circuit): void {
  near.resume();
  far.resume();
}
