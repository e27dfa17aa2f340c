import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Intervention, Values } from '../../../protocols/artifacts/index.ts';
import { openCheckpoint } from '../../../services/verifier/engine/checkpoint.ts';
import { Model } from '../../../services/verifier/engine/model.ts';
import { readSafetensorsHeader, readTensors } from '../../../services/verifier/engine/safetensors-file.ts';
import { type ImportSource, importIntervention } from '../../../services/verifier/importers/index.ts';
import { loadIntervention, readIntervention } from '../../../services/verifier/interventions/load.ts';
import { openingsOf } from '../../../services/verifier/interventions/openings.ts';
import { realise } from '../../../services/verifier/interventions/realise.ts';
import { TreatedRows } from '../../../services/verifier/interventions/treated-rows.ts';
import { contentCid } from '../samples.ts';
import { temporary } from './demo-models.ts';
import { familyCheckpoint } from './family-fixtures.ts';
import { treat } from './treatments.ts';

/** What other tools saved, by test/fixtures/importers/make.py. */
export const importFixtures = fileURLToPath(new URL('../../fixtures/importers', import.meta.url));

const base = contentCid('a model');

/** Imports from a path under the fixtures. */
export async function importFixture(
  request: ImportSource,
  family: string,
  use: (directory: string, manifest: Intervention) => Promise<void> = async () => {},
): Promise<Intervention> {
  await using folder = await temporary();
  const out = join(folder.path, 'out');
  const manifest = await importIntervention(
    { ...request, source: join(importFixtures, request.source) },
    { model: familyCheckpoint(family), base, dataset: null },
    out,
    { signal: new AbortController().signal },
  );
  await use(out, manifest);
  return manifest;
}

/** Logits [time, vocab] of the fixtures' ids under an imported intervention, as a re-run computes them. */
export async function logitsUnder(request: ImportSource, family: string): Promise<Float32Array> {
  const { ids } = await expectation();
  let out = new Float32Array();
  await importFixture(request, family, async (directory) => {
    const checkpoint = await openCheckpoint(familyCheckpoint(family));
    const manifest = await readIntervention(directory, base);
    const resolved = await loadIntervention(directory, manifest, checkpoint, new Map());
    const realised = await realise(resolved, checkpoint);
    await using model = await Model.load(checkpoint, openingsOf(realised, null), {
      threads: 1,
      prepacking: true,
    });
    const rows = await TreatedRows.bind(model, [{ prompt: ids, condition: treat(model, realised) }]);
    const { logits } = await rows.step([ids], [0], rows.begin(1), 'all');
    out = Float32Array.from(logits);
  });
  return out;
}

/** Ids that the reference was given, and what it made of them. */
export async function expectation(): Promise<{
  readonly ids: readonly number[];
  readonly tensors: ReadonlyMap<string, Values>;
}> {
  const { ids } = JSON.parse(await readFile(join(importFixtures, 'expected.json'), 'utf8')) as {
    ids: readonly number[];
  };
  const path = join(importFixtures, 'expected.safetensors');
  const header = await readSafetensorsHeader(path);
  if (!header.ok) throw new Error(header.detail);
  const read = await readTensors(path, new Set(header.value.tensors.keys()), { limitBytes: 2 ** 24 });
  if (!read.ok) throw new Error(read.detail);
  return { ids, tensors: read.value };
}
