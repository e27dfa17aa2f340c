import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { fillCheckpoints } from '../../protocols/artifacts/index.ts';
import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId } from '../../protocols/base/ids.ts';

/** The models and interventions that come with the repository (deploy/demo/models/README.md). */
export async function findModels(): Promise<string> {
  const root = dirname(findPackageJSON('..', import.meta.url) ?? '.');
  const directory = join(root, 'deploy', 'demo', 'models');
  await readFile(join(directory, 'README.md')).catch((cause: unknown) => {
    throw new OversightError(
      'argument-invalid',
      'the demo needs a clone: its models are not in the package',
      {
        cause,
      },
    );
  });
  return directory;
}

/** Copies an intervention with the CIDs of its checkpoints filled in: only publishing tells what they are. */
export async function prepareIntervention(
  template: string,
  directory: string,
  checkpoints: ReadonlyMap<string, ContentId>,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const manifest: unknown = JSON.parse(await readFile(join(template, 'intervention.json'), 'utf8'));
  await writeFile(
    join(directory, 'intervention.json'),
    `${JSON.stringify(fillCheckpoints(manifest, checkpoints), null, 2)}\n`,
  );
  await copyFile(join(template, 'tensors.safetensors'), join(directory, 'tensors.safetensors'));
  return directory;
}
