import { join } from 'node:path';
import {
  INTERVENTION_FILE,
  type Intervention,
  type ModelConfig,
  parseIntervention,
  type ResolvedIntervention,
  resolveIntervention,
  tensorRefs,
  type Values,
} from '../../../protocols/artifacts/index.ts';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import { readManifest } from '../engine/manifest.ts';
import { readTensors } from '../engine/safetensors-file.ts';

/** Tensors of one intervention: a 16k-wide affine map in float32 takes 1 GiB. */
const TENSORS_LIMIT_BYTES = 2 * 2 ** 30;

export interface LoadedIntervention {
  readonly manifest: Intervention;
  readonly resolved: ResolvedIntervention;
}

/**
 * Reads an intervention directory and checks it against the model it is for. Whether `base` names this model's
 * checkpoint is the caller's check: a directory does not know its CID.
 * @throws OversightError `intervention-invalid`; `details.reason` says why.
 */
export async function loadIntervention(directory: string, model: ModelConfig): Promise<LoadedIntervention> {
  const json = await readManifest(directory, INTERVENTION_FILE, 'intervention-invalid');
  const manifest = parseIntervention(json);
  if (!manifest.ok) throw invalid(manifest.reason, manifest.detail);
  const tensors = await loadTensors(directory, manifest.value);
  const resolved = resolveIntervention(
    manifest.value,
    (ref) => tensors.get(ref.file)?.get(ref.tensor),
    model,
  );
  if (!resolved.ok) throw invalid(resolved.reason, resolved.detail);
  return { manifest: manifest.value, resolved: resolved.value };
}

async function loadTensors(
  directory: string,
  manifest: Intervention,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Values>>> {
  const wanted = new Map<string, Set<string>>();
  for (const { file, tensor } of tensorRefs(manifest))
    wanted.set(file, (wanted.get(file) ?? new Set()).add(tensor));
  const out = new Map<string, ReadonlyMap<string, Values>>();
  for (const [file, names] of wanted) out.set(file, await readFrom(directory, file, names));
  return out;
}

async function readFrom(
  directory: string,
  file: string,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Values>> {
  if (!file.endsWith('.safetensors')) throw invalid('not-safetensors', `${file}: only safetensors are read`);
  let read: Awaited<ReturnType<typeof readTensors>>;
  try {
    read = await readTensors(join(directory, file), names, { limitBytes: TENSORS_LIMIT_BYTES });
  } catch (cause) {
    throw new OversightError('intervention-invalid', `${file}: ${messageOf(cause)}`, {
      cause,
      details: { reason: 'file-unreadable' },
    });
  }
  if (!read.ok) throw invalid(read.reason, `${file}: ${read.detail}`);
  return read.value;
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('intervention-invalid', message, { details: { reason } });
}
