import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { type PointName, pointName } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { type Hook, Model } from '../../../services/verifier/engine/model.ts';
import { topToken } from '../../../services/verifier/engine/sampling.ts';
import { forceRows } from '../../../services/verifier/engine/score.ts';
import { countActivationsAsHeap } from '../../../services/verifier/jobs/collector.ts';
import { edit, only, treat } from '../../support/verifier/treatments.ts';
import type { Spent, Task } from './tasks.ts';

/** Our side of the benchmark: the tasks of tasks.ts on the engine as a job runs it. */
interface Loaded {
  readonly model: Model;
  readonly hook: Hook | null;
}
const models = new Map<string, Loaded>();

type Work = () => Promise<readonly number[]>;

/** What a task does first, uncounted, and then the work that counts. */
async function prepare(task: Task): Promise<Work> {
  switch (task.task) {
    case 'load':
      return async () => {
        await load(task);
        return [];
      };
    case 'prefill':
      return () => prefill(loaded(task.on), task.rows, task.time);
    case 'decode':
      return decode(loaded(task.on), task.rows, task.past, task.steps);
    case 'sweep':
      return () => sweep(loaded(task.on).model, task.time, task.layer, task.coefficients);
    case 'idle':
      return async () => [];
    case 'drop':
      return async () => {
        await loaded(task.on).model[Symbol.asyncDispose]();
        models.delete(task.on);
        return [];
      };
  }
}

async function load({ as, folder, hooked, prepacking }: Extract<Task, { task: 'load' }>): Promise<void> {
  const checkpoint = await openCheckpoint(folder);
  const points = hooked.map(after);
  const model = await Model.load(checkpoint, { points }, { threads: 1, prepacking });
  const vector = direction(model.config.width);
  const add: Hook = ({ data, width }) => {
    for (let at = 0; at < data.length; at += width)
      for (let i = 0; i < width; i++) data[at + i] = (data[at + i] as number) + (vector[i] as number);
  };
  models.set(as, { model, hook: hooked.length === 0 ? null : add });
}

async function prefill({ model, hook }: Loaded, rows: number, time: number): Promise<readonly number[]> {
  const { layers, vocabSize } = model.config;
  const { logits } = await model.step(prompt(rows, time, vocabSize), emptyCache(layers, rows), { hook });
  return chosenOf(logits, vocabSize);
}

async function decode({ model, hook }: Loaded, rows: number, past: number, steps: number): Promise<Work> {
  const { layers, vocabSize } = model.config;
  let step = await model.step(prompt(rows, past, vocabSize), emptyCache(layers, rows), { hook });
  return async () => {
    for (let i = 0; i < steps; i++) {
      const tokens = chosenOf(step.logits, vocabSize).map((token) => [token]);
      step = await model.step(tokens, step.cache, { hook });
    }
    return chosenOf(step.logits, vocabSize);
  };
}

/** As a measure of log-probabilities is scored: one condition a coefficient, one step for all. */
async function sweep(
  model: Model,
  time: number,
  layer: number,
  coefficients: readonly number[],
): Promise<readonly number[]> {
  const { width, vocabSize } = model.config;
  const rows = [direction(width)];
  const conditions = coefficients.map((coefficient) =>
    treat(
      model,
      only(edit(after(layer), { kind: 'all' }, { kind: 'add', coefficient, rows, restoreNorm: false })),
    ),
  );
  const [ids = []] = prompt(1, time, vocabSize);
  const chosen: number[] = [];
  const row = { prompt: ids, continuation: [], from: time - 1, to: time };
  await forceRows(model, [row], conditions, (_, __, logits) => {
    chosen.push(...logits.map(topToken));
  });
  return chosen;
}

function loaded(name: string): Loaded {
  const found = models.get(name);
  if (found === undefined) throw new Error(`${name} is not loaded`);
  return found;
}

function after(layer: number): PointName {
  return pointName(layer, 'hook_resid_post');
}

/** The same as in torch_side.py. */
function direction(width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, i) => (((7 * i) % 11) - 5) / 100);
}

function prompt(rows: number, time: number, vocabSize: number): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: time }, (__, t) => (row * 31 + t * 7 + 1) % vocabSize),
  );
}

function chosenOf(logits: Float32Array, vocabSize: number): number[] {
  return Array.from({ length: logits.length / vocabSize }, (_, row) =>
    topToken(logits.subarray(row * vocabSize, (row + 1) * vocabSize)),
  );
}

async function privateMB(): Promise<number | null> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) / 1_024;
}

async function run(task: Task): Promise<Spent> {
  const work = await prepare(task);
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const chosen = await work();
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - wall;
  return { cpuMs: (user + system) / 1_000, wallMs, privateMB: await privateMB(), chosen };
}

countActivationsAsHeap();
const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
await import('onnxruntime-node');
process.stdout.write(`${JSON.stringify({ 'onnxruntime-node': version })}\n`);
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line) as Task))}\n`);
