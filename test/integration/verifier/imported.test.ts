import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { INTERVENTION_FILE, parseIntervention } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { readTensors } from '../../../services/verifier/engine/safetensors-file.ts';
import { importIntervention } from '../../../services/verifier/importers/index.ts';
import { runJob } from '../../../services/verifier/jobs/run-job.ts';
import {
  checkpointIds,
  demoIntervention,
  demoJob,
  models,
  temporary,
} from '../../support/verifier/demo-models.ts';

let home: Awaited<ReturnType<typeof temporary>>;
beforeAll(async () => {
  home = await temporary();
});
afterAll(async () => home[Symbol.asyncDispose]());

it('a vector that was imported gives the counts of the finding it is from', async () => {
  const published = await demoIntervention(home.path, 'native-overdose');
  const parsed = parseIntervention(JSON.parse(await readFile(join(published, INTERVENTION_FILE), 'utf8')));
  const edit = parsed.ok ? parsed.value.edits[0] : undefined;
  if (edit?.kind !== 'add') throw new Error('the finding adds a vector');
  const file = join(published, 'tensors.safetensors');
  const read = await readTensors(file, new Set(['vector']), { limitBytes: 2 ** 20 });
  if (!read.ok) throw new Error(read.detail);
  const vector = [...(read.value.get('vector')?.data ?? [])];
  const source = join(home.path, 'feature.json');
  await writeFile(
    source,
    JSON.stringify({ vector, hookName: edit.at, vectorDefaultSteerStrength: edit.coefficient }),
  );
  const out = join(home.path, 'imported');
  await importIntervention(
    { kind: 'neuronpedia', source, strength: null, positions: edit.positions },
    { model: join(models, 'frontier'), base: checkpointIds.get('frontier') as ContentId, dataset: null },
    out,
    { signal: new AbortController().signal },
  );
  const [own, imported] = [await runJob(demoJob(published), () => {}), await runJob(demoJob(out), () => {})];
  expect(imported.counts).toEqual(own.counts);
  expect(own.counts).toContainEqual(
    expect.objectContaining({ condition: 'treated', measure: 'trigger-rate', n: 200, k: 0 }),
  );
});
