import { setTimeout as delay } from 'node:timers/promises';
import type { MessageId } from '../../protocols/base/ids.ts';
import type { NodeProcess } from './node-process.ts';
import type { Workload } from './workload.ts';

const POLL_MS = 100;
/** Sync asks every neighbour each 30 s; twice that, as a turn may fall into the fault. */
const TIMEOUT_MS = 75_000;

export interface Agreed {
  readonly tookMs: number;
  /** What was not so at the last look before. */
  readonly lacking: string;
}

/** Follows which node holds what was acknowledged, and waits until all hold the same. */
export class Agreement {
  readonly #nodes: readonly NodeProcess[];
  readonly #workload: Workload;
  readonly #held: Map<NodeProcess, Set<MessageId>>;

  constructor(nodes: readonly NodeProcess[], workload: Workload) {
    this.#nodes = nodes;
    this.#workload = workload;
    this.#held = new Map(nodes.map((node) => [node, new Set()]));
  }

  /** What this node held must be asked for again. */
  forget(node: NodeProcess): void {
    this.#held.get(node)?.clear();
  }

  /** All nodes hold all that has been acknowledged by now, while more may come. @throws Error saying who lacks what */
  hold(signal: AbortSignal): Promise<Agreed> {
    const { length } = this.#workload.acknowledged;
    return this.#wait(() => this.#missing(length), signal);
  }

  /** All nodes hold all, and have equal records. @throws Error */
  reach(signal: AbortSignal): Promise<Agreed> {
    return this.#wait(async () => {
      const missing = await this.#missing(this.#workload.acknowledged.length);
      return missing ?? (await this.#difference());
    }, signal);
  }

  async #wait(fault: () => Promise<string | null>, signal: AbortSignal): Promise<Agreed> {
    const begin = performance.now();
    let lacking = '';
    for (;;) {
      signal.throwIfAborted();
      const what = await fault();
      const tookMs = performance.now() - begin;
      if (what === null) return { tookMs, lacking };
      if (tookMs > TIMEOUT_MS) throw new Error(`no agreement within ${TIMEOUT_MS / 1_000} s: ${what}`);
      lacking = what;
      await delay(POLL_MS, undefined, { signal });
    }
  }

  async #difference(): Promise<string | null> {
    const answers = await Promise.all(this.#nodes.map((node) => node.status()));
    if (new Set(answers.map(({ recordDigest }) => recordDigest)).size === 1) return null;
    const each = answers.map(
      ({ name, messages, recordDigest }) => `${name} ${messages} messages ${recordDigest.slice(-8)}`,
    );
    return `records differ: ${each.join(', ')}`;
  }

  /** @param length of what was acknowledged, how much to ask for */
  async #missing(length: number): Promise<string | null> {
    const asked = this.#workload.acknowledged.slice(0, length);
    for (const node of this.#nodes) {
      const held = this.#held.get(node) as Set<MessageId>;
      for (const { id, by, round } of asked) {
        if (held.has(id)) continue;
        if (!(await node.has(id)))
          return `${node.name} lacks ${id}, which ${by} acknowledged in round ${round}`;
        held.add(id);
      }
    }
    return null;
  }
}
