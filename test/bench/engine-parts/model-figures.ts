import { type Compared, compare, compareOwn, type Sides } from './measure.ts';
import type { Shape } from './shapes.ts';
import type { Task } from './tasks.ts';

/** Nine, as a dose-response has them; small enough that most of them change no token. */
const COEFFICIENTS = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];
const ROUNDS = 5;
const PAST = 64;

export interface ModelFigures {
  readonly prefill512: Compared;
  readonly prefill16x64: Compared;
  readonly decode1: Compared;
  readonly decode16: Compared;
  readonly sweepHalfDepth: Compared;
  readonly sweepThreeQuarters: Compared;
  /** A vector added after every block, over none; ours alone. */
  readonly hooksOverNone: number;
  /** The same of PyTorch. */
  readonly torchHooksOverNone: number | null;
}

/** Figures of one model, loaded on both sides with a hook at half depth. */
export async function measureModel(sides: Sides, folder: string, shape: Shape): Promise<ModelFigures> {
  const half = shape.layers / 2 - 1;
  const threeQuarters = (3 * shape.layers) / 4 - 1;
  const load = async (as: string, hooked: readonly number[], prepacking = false): Promise<void> => {
    const task: Task = { task: 'load', as, folder, hooked, prepacking };
    await sides.ours.do(task);
    await sides.torch?.do(task);
  };
  const drop = async (...names: readonly string[]): Promise<void> => {
    for (const on of names) {
      await sides.ours.do({ task: 'drop', on });
      await sides.torch?.do({ task: 'drop', on });
    }
  };
  await load('half', [half]);
  const prefill512 = await compare(sides, prefill('half', 1, 512), ROUNDS);
  const prefill16x64 = await compare(sides, prefill('half', 16, 64), ROUNDS);
  await drop('half');

  // packed, as the engine has it where texts are decoded and memory allows
  await load('packed', [half], true);
  const decode1 = await compare(sides, decode('packed', 1, 16), ROUNDS);
  const decode16 = await compare(sides, decode('packed', 16, 16), ROUNDS);
  await drop('packed');

  await load('sweep', []);
  await sides.ours.do({ task: 'drop', on: 'sweep' });
  await sides.ours.do({
    task: 'load',
    as: 'sweep',
    folder,
    hooked: [half, threeQuarters],
    prepacking: false,
  });
  const sweepHalfDepth = await compare(sides, sweep('sweep', half), ROUNDS);
  const sweepThreeQuarters = await compare(sides, sweep('sweep', threeQuarters), ROUNDS);
  await drop('sweep');

  const every = Array.from({ length: shape.layers }, (_, layer) => layer);
  await load('every', every);
  await load('none', []);
  const [hooked, bare] = [prefill('every', 1, 128), prefill('none', 1, 128)];
  const hooksOverNone = await compareOwn(sides.ours, hooked, bare, 2 * ROUNDS);
  const torchHooksOverNone =
    sides.torch === null ? null : await compareOwn(sides.torch, hooked, bare, ROUNDS);
  await drop('every', 'none');
  return {
    prefill512,
    prefill16x64,
    decode1,
    decode16,
    sweepHalfDepth,
    sweepThreeQuarters,
    hooksOverNone,
    torchHooksOverNone,
  };
}

function prefill(on: string, rows: number, time: number): Task {
  return { task: 'prefill', on, rows, time };
}

function decode(on: string, rows: number, steps: number): Task {
  return { task: 'decode', on, rows, past: PAST, steps };
}

function sweep(on: string, layer: number): Task {
  return { task: 'sweep', on, time: PAST, layer, coefficients: COEFFICIENTS };
}
