import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorCode, OversightError } from '../../protocols/base/errors.ts';
import type { MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { findingBody, frontierBody } from '../support/samples.ts';
import type { Draw } from './draw.ts';
import type { NodeProcess } from './node-process.ts';

/** Between two publications of one node: a few a second each, far over what people write. */
const THINK_MS = [20, 250] as const;
/** A node that may not speak yet, or is just back, is tried again this often. */
const RETRY_MS = 100;
/** After the faults are healed a node must be able to speak within this. */
const SPEAK_TIMEOUT_MS = 60_000;
const PADDING_CHARS = 4_000;

export interface Acknowledged {
  readonly id: MessageId;
  readonly by: string;
  readonly round: number;
}

/** What is published through the nodes' own interface while faults happen, and what they acknowledged. */
export class Workload {
  readonly acknowledged: Acknowledged[] = [];
  readonly #tolerated = new Map<NodeProcess, ReadonlySet<ErrorCode>>();
  readonly #quiet = new Set<NodeProcess>();
  readonly #underWay = new Map<NodeProcess, Promise<boolean>>();
  #stop = new AbortController();
  #publishers: Promise<void>[] = [];
  #halted = false;

  /** One publisher a node, until `finish`. */
  begin(nodes: readonly NodeProcess[], round: number, drawOf: (node: number) => Draw): void {
    this.#stop = new AbortController();
    this.#tolerated.clear();
    this.#quiet.clear();
    this.#publishers = nodes.map((node, i) => this.#publish(node, drawOf(i), round));
    for (const publisher of this.#publishers) publisher.catch(() => {}); // thrown by finish
  }

  /** From now to the end of the round this node may refuse with these codes. Any other refusal fails the round. */
  tolerate(node: NodeProcess, ...codes: readonly ErrorCode[]): void {
    this.#tolerated.set(node, new Set([...(this.#tolerated.get(node) ?? []), ...codes]));
  }

  /** Nothing more through this node until the round's end, once what is on its way has its answer: it loses its disk. */
  async hush(node: NodeProcess): Promise<void> {
    this.#quiet.add(node);
    await this.#underWay.get(node)?.catch(() => {}); // thrown by finish
  }

  /** Ends a round that has failed. */
  async halt(): Promise<void> {
    this.#halted = true;
    this.#stop.abort();
    await Promise.allSettled(this.#publishers);
  }

  /** All faults are healed: each node says one more thing, and it must be able to. */
  async finish(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#publishers);
  }

  async #publish(node: NodeProcess, draw: Draw, round: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(draw.between(...THINK_MS), signal);
      if (signal.aborted || this.#quiet.has(node) || !node.up) continue;
      const saying = this.#say(node, draw, round);
      this.#underWay.set(node, saying);
      await saying;
    }
    for (const end = Date.now() + SPEAK_TIMEOUT_MS; !this.#halted; ) {
      if (await this.#say(node, draw, round)) return;
      if (Date.now() > end) throw new Error(`${node.name} cannot speak although all is healed`);
      await delay(RETRY_MS);
    }
  }

  /** One publication. False when the node refused it with a code that this round tolerates. */
  async #say(node: NodeProcess, draw: Draw, round: number): Promise<boolean> {
    const { kind, body } = statement(node, draw, round);
    const before = node.up;
    try {
      const id = (await node.publish(kind, body)) as MessageId;
      this.acknowledged.push({ id, by: node.name, round });
      return true;
    } catch (error) {
      if (!(error instanceof OversightError)) throw error;
      if (this.#tolerated.get(node)?.has(error.code)) return false;
      throw new Error(`${node.name} (${before ? 'up' : 'down'}) refused a publication: ${error.code}`, {
        cause: error,
      });
    }
  }
}

/** Mostly a kind that means nothing to the nodes; now and then one that changes the record. */
function statement({ name }: NodeProcess, draw: Draw, round: number): { kind: string; body: PlainObject } {
  const n = draw.between(0, 2 ** 30);
  if (name === 'lab' && draw.chance(0.1))
    return { kind: 'frontier-release/1', body: frontierBody(`model-${round}-${n}`) };
  if (name === 'academy' && draw.chance(0.1))
    return { kind: 'finding/1', body: findingBody(`finding ${round} ${n}`) };
  const padding = 'x'.repeat(draw.between(0, PADDING_CHARS));
  return { kind: 'something-new/2', body: { round, n, padding } };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {}); // the loop sees the signal
}
