import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshFolder } from './checkpoints/folders.ts';

const ANALOG = fileURLToPath(new URL('../../deploy/demo/models/analog/', import.meta.url));

/** Parameters of the frontier model that the demo's analog belongs to, as its tensor headers have them. */
export const FRONTIER_PARAMETERS = 6_689_024;
export const ANALOG_PARAMETERS = 314_048;

/** A copy of the demo's analog that meets every requirement of a release. */
export async function releaseFolder(): Promise<string> {
  const folder = join(await freshFolder(), 'analog');
  await cp(ANALOG, folder, { recursive: true });
  return folder;
}
