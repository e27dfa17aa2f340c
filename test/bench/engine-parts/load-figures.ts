import { fileURLToPath } from 'node:url';
import { collectorArguments } from '../../../services/verifier/jobs/collector.ts';
import { median } from './measure.ts';
import { type Side, startSide } from './side.ts';
import type { Spent } from './tasks.ts';

const OUR_SIDE = fileURLToPath(new URL('our-side.ts', import.meta.url));
const TORCH_SIDE = fileURLToPath(new URL('torch_side.py', import.meta.url));

/** What a job may use, as far as V8 is told: with this or more it is told the same. */
const MEMORY_BYTES = 2 ** 31;

export const startOurs = (): Promise<Side> =>
  startSide(process.execPath, [...collectorArguments(MEMORY_BYTES), OUR_SIDE]);

/** Null where Python has no PyTorch or no Transformers, which is said on stderr. */
export async function startTorch(python: string): Promise<Side | null> {
  try {
    return await startSide(python, [TORCH_SIDE]);
  } catch {
    process.stderr.write(
      `bench:engine: ${python} does not run torch_side.py; without PyTorch no ratio to it\n`,
    );
    return null;
  }
}

export interface LoadFigures {
  readonly loadMs: number;
  readonly loadOverTransformers: number | null;
  /** Private memory beyond that of a process without a model, MiB. */
  readonly privateMB: number | null;
}

/**
 * From a process with its libraries loaded until a first prompt of one token has its logits, which also reads weights
 * that were only mapped. A process of its own for each round and side.
 */
export async function measureLoading(
  folder: string,
  torchStarts: (() => Promise<Side | null>) | null,
  rounds: number,
): Promise<LoadFigures> {
  const mine: Loading[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const own = await loadOnce(await startOurs(), folder);
    mine.push(own);
    const torch = torchStarts === null ? null : await torchStarts();
    if (torch !== null) ratios.push(own.cpuMs / (await loadOnce(torch, folder)).cpuMs);
  }
  const memory = mine.flatMap(({ privateMB }) => (privateMB === null ? [] : [privateMB]));
  return {
    loadMs: median(mine.map(({ cpuMs }) => cpuMs)),
    loadOverTransformers: ratios.length === 0 ? null : median(ratios),
    privateMB: memory.length === 0 ? null : Math.max(...memory),
  };
}

interface Loading {
  readonly cpuMs: number;
  readonly privateMB: number | null;
}

async function loadOnce(side: Side, folder: string): Promise<Loading> {
  await using process_ = side;
  const bare = await process_.do({ task: 'idle' });
  const load = await process_.do({ task: 'load', as: 'one', folder, hooked: [], prepacking: false });
  const first = await process_.do({ task: 'prefill', on: 'one', rows: 1, time: 1 });
  return { cpuMs: load.cpuMs + first.cpuMs, privateMB: beyond(first, bare) };
}

function beyond(after: Spent, before: Spent): number | null {
  if (after.privateMB === null || before.privateMB === null) return null;
  return after.privateMB - before.privateMB;
}
