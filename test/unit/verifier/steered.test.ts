import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Operation, pointName } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { generate } from '../../../services/verifier/engine/generate.ts';
import { emptyCache } from '../../../services/verifier/engine/kv-cache.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { readTensors } from '../../../services/verifier/engine/safetensors-file.ts';
import { Tokenizer } from '../../../services/verifier/engine/tokenizer.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { type BoundOperation, compileOperation } from '../../../services/verifier/interventions/apply.ts';
import { golden, models, readGolden, relativeError } from '../../support/verifier/demo-models.ts';
import { edit, only, treat } from '../../support/verifier/treatments.ts';

interface Steered {
  readonly intervention: string;
  readonly edit: 'add' | 'clamp';
  readonly model: string;
  readonly vector: string;
  readonly mean: string;
  readonly layer: number;
  readonly coefficient: number;
  readonly ids: readonly number[];
  readonly last_logits: readonly number[];
  readonly greedy_ids: readonly number[];
  readonly greedy_text: string;
}

const cases = await readGolden<readonly Steered[]>('steered.json');

async function operationOf(one: Steered): Promise<Operation & BoundOperation> {
  const file = join(golden, `${one.intervention}.safetensors`);
  const read = await readTensors(file, new Set([one.vector, one.mean]), { limitBytes: 1e6 });
  if (!read.ok) throw new Error(read.detail);
  const vector = Float64Array.from(read.value.get(one.vector)?.data ?? []);
  const mean = Float64Array.from(read.value.get(one.mean)?.data ?? []);
  // The reference subtracts: h - coefficient * vector.
  return one.edit === 'add'
    ? { kind: 'add', coefficient: -one.coefficient, rows: [vector], restoreNorm: false }
    : { kind: 'clamp', vector, mean };
}

it.each(cases)('$intervention $edit on $model with $vector', async (one) => {
  const directory = join(models, one.model);
  const checkpoint = await openCheckpoint(directory);
  const name = pointName(one.layer, 'hook_resid_post');
  await using model = await Model.load(checkpoint, { points: [name] }, { threads: 1, prepacking: true });
  const operation = await operationOf(one);
  const apply = compileOperation(operation);
  const { logits } = await model.step([one.ids], emptyCache(checkpoint.config.layers, 1), {
    hook: ({ data, time, width }) => apply(data.subarray((time - 1) * width), 0, null),
  });
  expect(relativeError(logits, one.last_logits)).toBeLessThan(LOGIT_TOLERANCE);

  const decoding = { maxNewTokens: 20, eosTokenIds: checkpoint.config.eosTokenIds };
  const condition = treat(model, only(edit(name, { kind: 'last-prompt-token' }, operation)));
  const [[generated] = []] = await generate(model, [one.ids], [condition], decoding);
  expect(generated?.ids).toEqual(one.greedy_ids);
  expect(generated?.hook).toEqual({ expected: 1, applied: 1 });
  expect((await Tokenizer.load(directory)).decode(generated?.ids ?? [])).toBe(one.greedy_text);
});
