import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PointName } from '../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../services/verifier/engine/checkpoint.ts';
import { emptyCache } from '../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../services/verifier/engine/model.ts';
import type { Provider } from '../../services/verifier/engine/provider.ts';
import { topToken } from '../../services/verifier/engine/sampling.ts';
import { writeRandomCheckpoint } from '../../test/bench/engine-parts/random-checkpoint.ts';
import { gpt2Small } from '../../test/bench/engine-parts/shapes.ts';
import { expectedPrompts, familyCheckpoint } from '../../test/support/verifier/family-fixtures.ts';

/** One provider's figures as JSON on stdout; check.ts says more. */
const FAMILIES = ['gpt2', 'llama-3-rope', 'qwen2', 'gemma2', 'gpt-neox', 'phi3'];
const provider = process.argv[2] as Provider;
const options = { threads: 1, prepacking: false, provider };
const figures = {
  parity: await parity(),
  speed: process.argv.includes('--no-speed') ? null : await speed(),
};
process.stdout.write(JSON.stringify(figures));
process.exit(0); // a GPU's threads may outlive what they were started for

/** Largest |difference| / largest |value| to what PyTorch computed, and whether a second run is the same, bit for bit. */
async function parity() {
  const out: Record<string, { logits: number; points: number; repeats: boolean }> = {};
  for (const name of FAMILIES) {
    const checkpoint = await openCheckpoint(familyCheckpoint(name));
    const [prompt] = await expectedPrompts(name);
    if (prompt === undefined) throw new Error(`${name} has no prompt`);
    const points = [...prompt.points.keys()] as PointName[];
    await using model = await Model.load(checkpoint, { points }, options);
    let worst = 0;
    const step = () =>
      model.step([prompt.ids], emptyCache(checkpoint.config.layers, 1), {
        logits: 'all',
        hook: ({ point, data }) => {
          worst = Math.max(worst, relativeError(data, prompt.points.get(point) ?? new Float32Array(0)));
        },
      });
    const [first, second] = [await step(), await step()];
    const repeats = first.logits.every((value, i) => value === second.logits[i]);
    out[name] = { logits: relativeError(first.logits, prompt.logits), points: worst, repeats };
  }
  return out;
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  let [worst, scale] = [0, 0];
  for (const [i, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(value - (actual[i] ?? Number.NaN)));
    scale = Math.max(scale, Math.abs(value));
  }
  return worst / scale;
}

/** Tokens a second of wall time, of a random model of GPT-2 small's size. */
async function speed() {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-check-'));
  try {
    await writeRandomCheckpoint(folder, gpt2Small());
    const checkpoint = await openCheckpoint(folder);
    await using model = await Model.load(checkpoint, { points: ['blocks.5.hook_resid_post'] }, options);
    const { layers, vocabSize } = checkpoint.config;
    const prompts = Array.from({ length: 16 }, (_, row) =>
      Array.from({ length: 64 }, (__, t) => (row * 31 + t * 7) % vocabSize),
    );
    const prefill = () => model.step(prompts, emptyCache(layers, 16));
    await prefill();
    let started = performance.now();
    let step = await prefill();
    const prefillPerSecond = (1e3 * 16 * 64) / (performance.now() - started);
    const steps = 8;
    started = performance.now();
    for (let i = 0; i < steps; i++) {
      const { logits, cache } = step;
      const next = prompts.map((_, row) => [
        topToken(logits.subarray(row * vocabSize, (row + 1) * vocabSize)),
      ]);
      step = await model.step(next, cache);
    }
    return { prefillPerSecond, decode16PerSecond: (1e3 * 16 * steps) / (performance.now() - started) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
