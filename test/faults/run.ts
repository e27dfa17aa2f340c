import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { type Agreed, Agreement } from './agreement.ts';
import { Backups } from './backups.ts';
import { Draw } from './draw.ts';
import type { Fault } from './fault.ts';
import { foundFederation } from './federation.ts';
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
  readonly fault: string;
  readonly folder: string;

  constructor(round: number, fault: string, folder: string, cause: unknown) {
    super(`round ${round}, ${fault}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.round = round;
    this.fault = fault;
    this.folder = folder;
  }
}

/**
 * Founds a federation of real processes and puts it through the planned faults, one a round, while it is spoken to.
 * @throws RunFailure
 */
export async function runFaults({ seed, plan, signal, onRound }: RunOptions): Promise<RunReport> {
  const folder = await mkdtemp(join(tmpdir(), `oversight-faults-${seed}-`));
  let round = 0;
  try {
    await using stack = new AsyncDisposableStack();
    const stop = new AbortController();
    stack.defer(() => stop.abort());
    const inner = AbortSignal.any([signal, stop.signal]);
    const surprises: string[] = [];
    const liars = namesFor(plan, 'equivocate', 'liar');
    const flooders = namesFor(plan, 'flood', 'flooder');
    const federation = await foundFederation(folder, [...liars, ...flooders], stack, {
      signal: inner,
      onSurprise: (what) => surprises.push(what),
    });
    const { nodes, wiring, nats, id } = federation;
    const workload = new Workload();
    stack.defer(() => workload.halt());
    const agreement = new Agreement(nodes, workload);
    const backups = new Backups(join(folder, 'backups'));
    const forks: Fork[] = [];
    await Promise.all(nodes.map((node) => node.start()));
    await agreement.reach(inner);
    for (const node of nodes) await until(() => maySpeak(node), { what: `${node.name} may speak` });

    const reports: RoundReport[] = [];
    for (const fault of plan) {
      round += 1;
      const begin = performance.now();
      const before = workload.acknowledged.length;
      const world: World = {
        federation: id,
        folder,
        round,
        nodes,
        wiring,
        nats,
        workload,
        backups,
        forks,
        liars,
        flooders,
        signal: inner,
        settle: () => agreement.hold(inner),
        diskChanged: (node) => agreement.forget(node),
      };
      const current = round;
      workload.begin(nodes, round, (i) => Draw.ofRound(seed, current, i + 1));
      const what = await fault.act(world, Draw.ofRound(seed, round));
      await workload.finish();
      const agreed = await agreement.reach(inner);
      if (surprises.length > 0) throw new Error(surprises.join('; '));
      await checkForks(nodes, forks, id);
      const memoryBytes = await checkMemory(nodes);
      const report = {
        round,
        fault: fault.name,
        what,
        acknowledged: workload.acknowledged.length - before,
        agreed,
        memoryBytes,
        tookMs: performance.now() - begin,
      };
      reports.push(report);
      onRound?.(report);
    }
    // once more all of it, from nodes that remember nothing
    for (const node of nodes) {
      await node.stop();
      await node.start();
      agreement.forget(node);
    }
    await agreement.reach(inner);
    await checkForks(nodes, forks, id);
    const { messages, recordDigest } = await (nodes[0] as (typeof nodes)[number]).status();
    await stack.disposeAsync();
    await rm(folder, { recursive: true, force: true });
    const { length: acknowledged } = workload.acknowledged;
    return { rounds: reports, acknowledged, forks: forks.length, messages, digest: recordDigest };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new RunFailure(round, plan[round - 1]?.name ?? 'none', folder, error);
  }
}

async function maySpeak(node: NodeProcess): Promise<boolean> {
  return (await node.status()).ownFeed.state === 'confirmed';
}

function namesFor(plan: readonly Fault[], fault: string, name: string): string[] {
  return plan.filter((each) => each.name === fault).map((_, i) => `${name}-${i + 1}`);
}
