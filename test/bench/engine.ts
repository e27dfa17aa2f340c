import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDevice, round } from './device.ts';
import { type LoadFigures, measureLoading, startOurs, startTorch } from './engine-parts/load-figures.ts';
import { type ModelFigures, measureModel } from './engine-parts/model-figures.ts';
import { writeRandomCheckpoint } from './engine-parts/random-checkpoint.ts';
import { gpt2Small, qwen2Half, type Shape } from './engine-parts/shapes.ts';

const LOAD_ROUNDS = 3;

/** Prints one JSON object on stdout; README.md says what each figure means. `-- gpt2` or `-- qwen2`: that model alone. */
try {
  const only = process.argv[2];
  const shapes = [gpt2Small(), qwen2Half()].filter(({ name }) => only === undefined || name === only);
  process.stdout.write(`${JSON.stringify(await measureEngine(shapes), null, 2)}\n`);
} catch (error) {
  process.stderr.write(`bench:engine: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

interface Figures extends ModelFigures {
  readonly name: string;
  readonly loading: LoadFigures;
}

async function measureEngine(shapes: readonly Shape[]) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-engine-'));
  try {
    const python = process.env['BENCH_PYTHON'] ?? 'python3';
    await using ours = await startOurs();
    const torch = await startTorch(python);
    await using _ = torch;
    const figures: Figures[] = [];
    for (const shape of shapes) {
      process.stderr.write(`bench:engine: ${shape.name} …\n`);
      const own = join(folder, shape.name);
      await writeRandomCheckpoint(own, shape);
      const loading = await measureLoading(
        own,
        torch === null ? null : () => startTorch(python),
        LOAD_ROUNDS,
      );
      figures.push({ name: shape.name, loading, ...(await measureModel({ ours, torch }, own, shape)) });
      await rm(own, { recursive: true });
    }
    const device = { ...describeDevice(), threads: 1, provider: 'cpu', ...ours.runtimes, ...torch?.runtimes };
    return { device, ratios: ratiosOf(figures), values: valuesOf(figures) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of two models the worse; those that need PyTorch are left out without it. */
function ratiosOf(figures: readonly Figures[]): Record<string, number> {
  const smallest = (pick: (figures: Figures) => readonly (number | null)[]) =>
    worst(figures.flatMap(pick), Math.min);
  const largest = (pick: (figures: Figures) => readonly (number | null)[]) =>
    worst(figures.flatMap(pick), Math.max);
  return present({
    loadOverTransformers: largest(({ loading }) => [loading.loadOverTransformers]),
    prefillOverTorch: smallest(({ prefill512, prefill16x64 }) => [prefill512.over, prefill16x64.over]),
    decode1OverTorch: smallest(({ decode1 }) => [decode1.over]),
    decode16OverTorch: smallest(({ decode16 }) => [decode16.over]),
    sweepHalfDepthOverTorch: smallest(({ sweepHalfDepth }) => [sweepHalfDepth.over]),
    sweepThreeQuartersOverTorch: smallest(({ sweepThreeQuarters }) => [sweepThreeQuarters.over]),
    hooksOverNone: largest(({ hooksOverNone }) => [hooksOverNone]),
    torchHooksOverNone: largest(({ torchHooksOverNone }) => [torchHooksOverNone]),
  });
}

function valuesOf(figures: readonly Figures[]): Record<string, number> {
  const memory = worst(
    figures.map(({ loading }) => loading.privateMB),
    Math.max,
  );
  const each = figures.flatMap(({ name, loading, ...model }) => [
    [`${name}LoadMs`, loading.loadMs],
    [`${name}LoadOverTransformers`, loading.loadOverTransformers],
    ...Object.entries(model).flatMap(([figure, value]) =>
      typeof value === 'number' || value === null
        ? [[`${name}.${figure}`, value] as const]
        : ([
            [`${name}.${figure}Ms`, value.oursMs],
            [`${name}.${figure}OverTorch`, value.over],
          ] as const),
    ),
  ]);
  return present({ privateMemoryMB: memory, ...Object.fromEntries(each) });
}

function worst(values: readonly (number | null)[], of: (...values: number[]) => number): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : of(...known);
}

function present(all: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, round(value)]])),
  );
}
