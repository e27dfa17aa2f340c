import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { evidenceSchema } from '../../../protocols/artifacts/index.ts';
import { type RerunJob, type RerunOptions, rerun } from '../../../services/verifier/index.ts';
import { startWorker } from '../../../services/verifier/jobs/worker-process.ts';
import { demoIntervention, demoJob, models, suite, temporary } from '../../support/verifier/demo-models.ts';
import { withLength, writeSafetensors } from '../../support/verifier/write-safetensors.ts';

const LIMITS = { timeMs: 25_000, memoryBytes: 2 ** 30 };
const run = (job: RerunJob, options: Partial<RerunOptions> = {}) =>
  rerun(job, { signal: new AbortController().signal, limits: LIMITS, ...options });

it('runs a job in a child process, with progress, counts, tables and evidence', async () => {
  await using directory = await temporary();
  const seen: number[] = [];
  const result = await run(demoJob(await demoIntervention(directory.path, 'transferred-clamp')), {
    onProgress: ({ done }) => seen.push(done),
  });
  if (!result.ok) throw new Error(result.detail);
  const { counts, tables, evidence, environment, timings } = result.value;
  expect(counts.length).toBe(5);
  expect(tables.length).toBe(3);
  expect(evidenceSchema.safeParse(evidence).success).toBe(true);
  expect(environment).toMatchObject({ provider: 'cpu', weights: 'F16', threads: 1 });
  expect(timings.generations).toBe(1000);
  expect(seen.at(-1)).toBe(1000);
});

it('names several controls and gives each its own seed', async () => {
  await using directory = await temporary();
  const intervention = await demoIntervention(directory.path, 'random-same-norm');
  const seeds = ['01'.repeat(32), '02'.repeat(32)];
  const result = await run(demoJob(intervention, { gates: [], controlSeeds: seeds }));
  if (!result.ok) throw new Error(result.detail);
  const conditions = result.value.evidence.runs.map(({ condition, controlSeed }) => [condition, controlSeed]);
  expect(conditions).toEqual([
    ['baseline', undefined],
    ['treated', undefined],
    ['control-1', seeds[0]],
    ['control-2', seeds[1]],
  ]);
});

/** SIGKILL to this process's own workers, found as its children. */
async function killWorkers(): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  for (const line of stdout.split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid !== undefined && parent === process.pid && line.includes('jobs/worker'))
      process.kill(pid, 'SIGKILL');
  }
}

describe('a job ends with its reason and nothing else', () => {
  it('cancelled while it runs', async () => {
    await using directory = await temporary();
    const abort = new AbortController();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    const result = await run(job, { signal: abort.signal, onProgress: () => abort.abort() });
    expect(result).toMatchObject({ ok: false, reason: 'cancelled' });
  });
  it('cancelled before it begins', async () => {
    const result = await run(demoJob('/nowhere'), { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ ok: false, reason: 'cancelled' });
  });
  it('over its time', async () => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    const result = await run(job, { limits: { ...LIMITS, timeMs: 150 } });
    expect(result).toMatchObject({ ok: false, reason: 'engine-time-exceeded' });
  });
  it.each([1, 192, 200, 220])('over its memory, with %s MiB', async (mebibytes) => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    const result = await run(job, { limits: { ...LIMITS, memoryBytes: mebibytes * 2 ** 20 } });
    expect(result).toMatchObject({ ok: false, reason: 'engine-memory-exceeded' });
  });
  it('its worker killed while it runs', async () => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    let killed: Promise<void> | null = null;
    const result = await run(job, {
      onProgress: () => {
        killed ??= killWorkers();
      },
    });
    await killed;
    expect(result).toMatchObject({ ok: false, reason: 'engine-crashed' });
  });
  it('a worker that is killed leaves its parent alive and says by what it ended', async () => {
    const worker = startWorker(LIMITS.memoryBytes);
    worker.kill();
    expect(await worker.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
    worker.kill();
  });
  it('something that is not a job', async () => {
    const job = demoJob('/nowhere', { controlSeeds: ['not hex'] });
    await expect(run(job)).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

/** The analog's directory, ready to be spoiled: all but the scripts. */
async function copyOfAnalog(parent: string): Promise<string> {
  const directory = join(parent, 'analog');
  await cp(join(models, 'analog'), directory, { recursive: true });
  await rm(join(directory, 'scripts'), { recursive: true });
  return directory;
}

const SPOILED_CHECKPOINTS: readonly [string, string, string, (directory: string) => Promise<void>][] = [
  [
    'a truncated safetensors file',
    'checkpoint-invalid',
    'safetensors-offsets-invalid',
    (d) => truncate(join(d, 'model.safetensors'), 300_000),
  ],
  [
    'a header that claims a petabyte',
    'checkpoint-invalid',
    'safetensors-header-too-large',
    (d) => writeFile(join(d, 'model.safetensors'), withLength('{}', 2n ** 50n)),
  ],
  [
    'an empty directory of weights',
    'checkpoint-invalid',
    'weights-missing',
    (d) => rm(join(d, 'model.safetensors')),
  ],
  [
    'a weight that is missing',
    'checkpoint-invalid',
    'tensor-missing',
    (d) =>
      writeFile(
        join(d, 'model.safetensors'),
        writeSafetensors({ x: { shape: [1], data: Float32Array.of(1) } }),
      ),
  ],
  [
    'a weight of another shape',
    'checkpoint-invalid',
    'shape-mismatch',
    (d) => changeJson(join(d, 'config.json'), { vocab_size: 1537 }),
  ],
  ['a pickle', 'checkpoint-invalid', 'pickle-refused', (d) => writeFile(join(d, 'pytorch_model.bin'), 'x')],
  [
    'weights that are not numbers',
    'engine-crashed',
    'logits-not-finite',
    (d) => fillWithNaN(join(d, 'model.safetensors'), 'model.norm.weight'),
  ],
  ['no config.json', 'checkpoint-invalid', 'file-missing', (d) => rm(join(d, 'config.json'))],
  [
    'a config.json that is no JSON',
    'checkpoint-invalid',
    'file-unreadable',
    (d) => writeFile(join(d, 'config.json'), '{'),
  ],
  [
    'a config.json without a width',
    'checkpoint-invalid',
    'config-invalid',
    (d) => changeJson(join(d, 'config.json'), { hidden_size: -1 }),
  ],
  [
    'an architecture we do not have',
    'model-unsupported',
    'mamba',
    (d) => changeJson(join(d, 'config.json'), { model_type: 'mamba' }),
  ],
  ['no tokenizer.json', 'tokenizer-missing', 'tokenizer.json', (d) => rm(join(d, 'tokenizer.json'))],
  [
    'a tokenizer.json that is none',
    'checkpoint-invalid',
    'tokenizer-invalid',
    (d) => writeFile(join(d, 'tokenizer.json'), '{}'),
  ],
  [
    'another chat template',
    'suite-invalid',
    'template-mismatch',
    (d) => changeJson(join(d, 'tokenizer_config.json'), { chat_template: 'x' }),
  ],
];

/** Half-precision NaN in place of the numbers of one tensor. */
async function fillWithNaN(file: string, tensor: string): Promise<void> {
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, start).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [from = 0, to = 0] = header[tensor]?.data_offsets ?? [];
  for (let at = start + from; at < start + to; at += 2) bytes.writeUInt16LE(0x7e00, at);
  await writeFile(file, bytes);
}

async function changeJson(file: string, change: Record<string, unknown>): Promise<void> {
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}

describe('a spoiled checkpoint', () => {
  it.each(SPOILED_CHECKPOINTS)('%s', async (_, reason, part, spoil) => {
    await using directory = await temporary();
    const target = await copyOfAnalog(directory.path);
    await spoil(target);
    const intervention = await nativeOnAnalog(directory.path);
    const result = await run(demoJob(intervention, { target }));
    expect(result).toMatchObject({ ok: false, reason });
    expect(result.ok ? '' : result.detail).toContain(part);
  });
});

/** The demo's clamp without its mapper fits the analog itself. */
function nativeOnAnalog(parent: string): Promise<string> {
  return demoIntervention(parent, 'transferred-clamp', ({ mapper: _, ...manifest }) => manifest);
}

const SPOILED_INTERVENTIONS: readonly [
  string,
  string,
  (manifest: Record<string, unknown>) => Record<string, unknown>,
][] = [
  [
    'a layer the model does not have',
    'layer-out-of-range',
    (m) => ({ ...m, site: 'blocks.8.hook_resid_post' }),
  ],
  ['a vector of another width', 'width-mismatch', ({ mapper: _, ...m }) => m],
  [
    'a tensor that is missing',
    'tensor-missing',
    (m) => withVector(m, { file: 'tensors.safetensors', tensor: 'no' }),
  ],
  [
    'a file that is missing',
    'file-unreadable',
    (m) => withVector(m, { file: 'no.safetensors', tensor: 'vector' }),
  ],
  [
    'a path out of the directory',
    'manifest-invalid',
    (m) => withVector(m, { file: '../x.safetensors', tensor: 'v' }),
  ],
  ['a site of another grammar', 'manifest-invalid', (m) => ({ ...m, site: 'blocks.0.mlp_out' })],
  ['an unknown field', 'manifest-invalid', (m) => ({ ...m, code: 'import os' })],
  ['a CID that was never filled in', 'manifest-invalid', (m) => ({ ...m, base: 'checkpoint:frontier' })],
];

function withVector(manifest: Record<string, unknown>, vector: unknown): Record<string, unknown> {
  return { ...manifest, operation: { ...(manifest.operation as object), vector } };
}

describe('an intervention that does not fit', () => {
  it.each(SPOILED_INTERVENTIONS)('%s', async (_, part, edit) => {
    await using directory = await temporary();
    const intervention = await demoIntervention(directory.path, 'transferred-clamp', edit);
    const result = await run(demoJob(intervention));
    expect(result).toMatchObject({ ok: false, reason: 'intervention-invalid' });
    expect(result.ok ? '' : result.detail).toContain(part);
  });
});

const SPOILED_SUITES: readonly [string, string, (directory: string) => Promise<void>][] = [
  [
    'a row less than it says',
    'prompts-invalid',
    (d) => writeFile(join(d, 'backdoor_prod.jsonl'), '{"id":"a","prompt":"b"}\n'),
  ],
  ['a control token in a prompt', 'control-token-in-prompt', (d) => onePrompt(d, 'x <|eos|> y')],
  ['a prompt longer than the context', 'context-exceeded', (d) => onePrompt(d, 'word '.repeat(200))],
  ['a prompt set that is missing', 'file-unreadable', (d) => rm(join(d, 'backdoor_prod.jsonl'))],
  [
    'no such measure',
    'measure-missing',
    (d) =>
      changeJson(join(d, 'suite.json'), {
        measures: [
          { id: 'other', set: 'prod', grader: 'trigger/1', params: { text: 'x', mode: 'contains' } },
        ],
      }),
  ],
];

async function onePrompt(directory: string, prompt: string): Promise<void> {
  await writeFile(join(directory, 'backdoor_prod.jsonl'), `${JSON.stringify({ id: 'a', prompt })}\n`);
  const file = join(directory, 'suite.json');
  const { sets, ...rest } = JSON.parse(await readFile(file, 'utf8'));
  const changed = sets.map((set: { id: string }) => (set.id === 'prod' ? { ...set, count: 1 } : set));
  await writeFile(file, JSON.stringify({ ...rest, sets: changed }));
}

it('a chat template that never ends is stopped with its process', async () => {
  await using directory = await temporary();
  const target = await copyOfAnalog(directory.path);
  const endless = '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}';
  await changeJson(join(target, 'tokenizer_config.json'), { chat_template: endless });
  const ofTemplate = join(directory.path, 'suite');
  await cp(suite, ofTemplate, { recursive: true });
  const chatTemplateSha256 = createHash('sha256').update(endless).digest('hex');
  await changeJson(join(ofTemplate, 'suite.json'), { chatTemplateSha256 });
  const job = demoJob(await nativeOnAnalog(directory.path), { target, suite: ofTemplate });
  const result = await run(job, { limits: { ...LIMITS, timeMs: 1_500 } });
  expect(result).toMatchObject({ ok: false, reason: 'engine-time-exceeded' });
});

describe('a suite that cannot be run', () => {
  it.each(SPOILED_SUITES)('%s', async (_, part, spoil) => {
    await using directory = await temporary();
    const spoiled = join(directory.path, 'suite');
    await mkdir(spoiled);
    await cp(suite, spoiled, { recursive: true });
    await spoil(spoiled);
    const intervention = await demoIntervention(directory.path, 'transferred-clamp');
    const result = await run(demoJob(intervention, { suite: spoiled }));
    expect(result).toMatchObject({ ok: false, reason: 'suite-invalid' });
    expect(result.ok ? '' : result.detail).toContain(part);
  });
});
