import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type RerunOutcome, rerun } from '../../../services/verifier/index.ts';
import { demoIntervention, demoJob, suite, temporary } from '../../support/verifier/demo-models.ts';
import { softwareVulkan } from '../../support/verifier/software-vulkan.ts';

/** Of each set: the driver in software takes some five seconds for each condition of one. */
const PROMPTS = 1;
/**
 * Largest difference of a first token's log-probability and of its margin between the two providers. Measured: 1.1e-5, of
 * margins up to 11; the graphs are the same, sums are taken in another order.
 */
const TOLERANCE = 1e-3;

beforeAll(async () => {
  for (const [name, value] of Object.entries(await softwareVulkan())) vi.stubEnv(name, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

async function shortSuite(parent: string): Promise<string> {
  const directory = join(parent, 'suite');
  await cp(suite, directory, { recursive: true });
  const file = join(directory, 'suite.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as { sets: { file: string }[] };
  for (const { file: name } of json.sets) {
    const lines = (await readFile(join(directory, name), 'utf8')).split('\n');
    await writeFile(join(directory, name), `${lines.slice(0, PROMPTS).join('\n')}\n`);
  }
  const sets = json.sets.map((set) => ({ ...set, count: PROMPTS }));
  await writeFile(file, JSON.stringify({ ...json, sets }));
  return directory;
}

/** Each prompt's first token under each condition, as numbers. */
function firstTokens({ evidence }: RerunOutcome): readonly (readonly [number, number])[] {
  return evidence.runs.flatMap(({ results }) =>
    results.flatMap((result): [number, number][] =>
      'margin' in result ? [[result.firstLogProb, result.margin]] : [],
    ),
  );
}

it('a finding has the same counts and tables on the CPU and through WebGPU', async () => {
  await using directory = await temporary();
  const intervention = await demoIntervention(directory.path, 'transferred-clamp');
  const short = await shortSuite(directory.path);
  const run = async (provider: 'cpu' | 'webgpu'): Promise<RerunOutcome> => {
    const result = await rerun(demoJob(intervention, { suite: short, provider }), {
      signal: new AbortController().signal,
      limits: { timeMs: 100_000, memoryBytes: 2 ** 31 },
    });
    if (!result.ok) throw new Error(`${provider}: ${result.reason} ${result.detail}`);
    return result.value;
  };
  const [cpu, gpu] = [await run('cpu'), await run('webgpu')];
  expect([cpu.environment.provider, gpu.environment.provider]).toEqual(['cpu', 'webgpu']);
  expect(gpu.counts).toEqual(cpu.counts);
  expect(gpu.tables).toEqual(cpu.tables);
  const [expected, seen] = [firstTokens(cpu), firstTokens(gpu)];
  expect(seen.length).toBe(expected.length);
  expect(expected.length).toBeGreaterThan(0);
  for (const [i, [logProb, margin]] of expected.entries()) {
    expect(Math.abs((seen[i]?.[0] ?? Number.NaN) - logProb)).toBeLessThan(TOLERANCE);
    expect(Math.abs((seen[i]?.[1] ?? Number.NaN) - margin)).toBeLessThan(TOLERANCE);
  }
});
