import { INTERVENTION_FILE, parseIntervention, sourceCheckpoints } from '../../protocols/artifacts/index.ts';
import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId } from '../../protocols/base/ids.ts';
import { readManifest } from '../verifier/index.ts';

/**
 * Directories of the checkpoints that an intervention reads besides its target, by CID. A manifest that is none names no
 * checkpoint: the re-run says what is wrong with it.
 */
export async function fetchSources(
  intervention: string,
  fetch: (cid: ContentId) => Promise<string>,
): Promise<Readonly<Record<string, string>>> {
  const manifest = parseIntervention(await readJson(intervention));
  const sources: Record<string, string> = {};
  if (manifest.ok) for (const cid of sourceCheckpoints(manifest.value)) sources[cid] = await fetch(cid);
  return sources;
}

async function readJson(directory: string): Promise<unknown> {
  try {
    return await readManifest(directory, INTERVENTION_FILE, 'intervention-invalid');
  } catch (error) {
    if (error instanceof OversightError && error.code === 'intervention-invalid') return null;
    throw error;
  }
}
