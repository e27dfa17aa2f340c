import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { type Agreed, Agreement } from './agreement.ts';
import { Backups } from './backups.ts';
import { Draw } from './draw.ts';
import type { Fault } from './fault.ts';
import { type Federation, foundFederation } from './federation.ts';
import { checkForks, checkMemory } from './invariants.ts';
import type { NodeProcess } from './node-process.ts';
import { Workload } from './workload.ts';
import type { Fork, World } from './world.ts';

export interface RoundReport {
  readonly round: number;
  readonly fault: string;
  /** What the fault did. */
  readonly what: string;
  readonly acknowledged: number;
  /** From the end of the faults to equal records. */
  readonly agreed: Agreed;
  /** The most that a node has held so far. */
  readonly memoryBytes: number;
  readonly tookMs: number;
}

export interface RunReport {
  readonly rounds: readonly RoundReport[];
  /** Messages acknowledged in all; every honest node has each of them. */
  readonly acknowledged: number;
  readonly forks: number;
  /** Messages of each honest node, and the digest of the record that they share. */
  readonly messages: number;
  readonly digest: string;
}

export interface RunOptions {
  readonly seed: number;
  readonly plan: readonly Fault[];
  readonly signal: AbortSignal;
  readonly onRound?: (report: RoundReport) => void;
}

/** A promise of the nodes that a round found broken. The folder with homes and logs is kept. */
export class RunFailure extends Error {
  readonly round: number;
  readonly folder: string;

  constructor(round: number, fault: string, folder: string, cause: unknown) {
    super(`round ${round}, ${fault}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.round = round;
    this.folder = folder;
  }
}

/**
 * Founds a federation of real processes and puts it through the planned faults, one a round, while it is spoken to.
 * @throws RunFailure
 */
export async function runFaults({ seed, plan, signal, onRound }: RunOptions): Promise<RunReport> {
  const folder = await mkdtemp(join(tmpdir(), `oversight-faults-${seed}-`));
  const rounds: RoundReport[] = [];
  try {
    const end = await inFederation(folder, plan, signal, async (run) => {
      for (const fault of plan) {
        const report = await run.round(fault, rounds.length + 1, seed);
        rounds.push(report);
        onRound?.(report);
      }
      return run.end();
    });
    await rm(folder, { recursive: true, force: true });
    return { rounds, ...end };
  } catch (error) {
    if (signal.aborted) throw error;
    const fault = plan[rounds.length]?.name ?? 'the end';
    throw new RunFailure(Math.min(rounds.length + 1, plan.length), fault, folder, error);
  }
}

/** Starts the nodes, and ends every process and wait however `work` ends. */
async function inFederation<T>(
  folder: string,
  plan: readonly Fault[],
  signal: AbortSignal,
  work: (run: FaultRun) => Promise<T>,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  const liars = namesFor(plan, 'equivocate', 'liar');
  const flooders = namesFor(plan, 'flood', 'flooder');
  const surprises: string[] = [];
  const inner = AbortSignal.any([signal, stop.signal]);
  const federation = await foundFederation(folder, [...liars, ...flooders], stack, {
    signal: inner,
    onSurprise: (what) => surprises.push(what),
  });
  const run = new FaultRun(federation, { folder, liars, flooders, surprises, signal: inner });
  stack.defer(() => run.halt());
  await run.begin();
  return await work(run);
}

interface Surroundings {
  readonly folder: string;
  readonly liars: string[];
  readonly flooders: string[];
  /** Nodes that ended by themselves. */
  readonly surprises: readonly string[];
  readonly signal: AbortSignal;
}

class FaultRun {
  readonly #federation: Federation;
  readonly #nodes: readonly NodeProcess[];
  readonly #around: Surroundings;
  readonly #workload = new Workload();
  readonly #agreement: Agreement;
  readonly #backups: Backups;
  readonly #forks: Fork[] = [];

  constructor(federation: Federation, around: Surroundings) {
    this.#federation = federation;
    this.#nodes = federation.nodes;
    this.#around = around;
    this.#agreement = new Agreement(federation.nodes, this.#workload);
    this.#backups = new Backups(join(around.folder, 'backups'));
  }

  async begin(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.start()));
    await this.#agreement.reach(this.#around.signal);
    for (const node of this.#nodes) await until(() => maySpeak(node), { what: `${node.name} may speak` });
  }

  /** One fault while all speak, then agreement, then what must be so. */
  async round(fault: Fault, round: number, seed: number): Promise<RoundReport> {
    const begin = performance.now();
    const before = this.#workload.acknowledged.length;
    this.#workload.begin(this.#nodes, round, (i) => Draw.ofRound(seed, round, i + 1));
    const what = await fault.act(this.#world(round), Draw.ofRound(seed, round));
    await this.#workload.finish();
    const agreed = await this.#agreement.reach(this.#around.signal);
    await this.#check();
    return {
      round,
      fault: fault.name,
      what,
      acknowledged: this.#workload.acknowledged.length - before,
      agreed,
      memoryBytes: await checkMemory(this.#nodes),
      tookMs: performance.now() - begin,
    };
  }

  /** Asks for everything once more, of nodes that have just read it from their disks. */
  async end(): Promise<Omit<RunReport, 'rounds'>> {
    for (const node of this.#nodes) {
      await node.stop();
      await node.start();
      this.#agreement.forget(node);
    }
    await this.#agreement.reach(this.#around.signal);
    await this.#check();
    const { messages, recordDigest } = await (this.#nodes[0] as NodeProcess).status();
    const { length: acknowledged } = this.#workload.acknowledged;
    return { acknowledged, forks: this.#forks.length, messages, digest: recordDigest };
  }

  halt(): Promise<void> {
    return this.#workload.halt();
  }

  async #check(): Promise<void> {
    const { surprises } = this.#around;
    if (surprises.length > 0) throw new Error(surprises.join('; '));
    await checkForks(this.#nodes, this.#forks, this.#federation.id);
  }

  #world(round: number): World {
    const { id, nodes, wiring, nats } = this.#federation;
    const { liars, flooders, signal } = this.#around;
    return {
      federation: id,
      round,
      nodes,
      wiring,
      nats,
      workload: this.#workload,
      backups: this.#backups,
      forks: this.#forks,
      liars,
      flooders,
      signal,
      settle: () => this.#agreement.hold(signal),
      diskChanged: (node) => this.#agreement.forget(node),
    };
  }
}

async function maySpeak(node: NodeProcess): Promise<boolean> {
  return (await node.status()).ownFeed.state === 'confirmed';
}

function namesFor(plan: readonly Fault[], fault: string, name: string): string[] {
  return plan.filter((each) => each.name === fault).map((_, i) => `${name}-${i + 1}`);
}
