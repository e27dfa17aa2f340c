import { join } from 'node:path';
import {
  INTERVENTION_FILE,
  type Intervention,
  type PlacedMap,
  parseIntervention,
  type ResolvedIntervention,
  resolveIntervention,
  resolveMaps,
  type TargetLinear,
  type TensorRef,
  Tensors,
  tensorRefs,
  type Values,
} from '../../../protocols/artifacts/index.ts';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from '../engine/checkpoint.ts';
import { linearLayers } from '../engine/linear-layers.ts';
import { readManifest } from '../engine/manifest.ts';
import { readTensors } from '../engine/safetensors-file.ts';
import { writers } from './realise.ts';
import { carryVectors } from './unembedding-map.ts';

/** Tensors of one intervention: a 16k-wide affine map in float32 takes 1 GiB. */
const TENSORS_LIMIT_BYTES = 2 * 2 ** 30;

/**
 * Reads what an intervention says of itself. @param base CID of the checkpoint it has to be for
 * @throws OversightError `intervention-invalid`; `details.reason` says why.
 */
export async function readIntervention(directory: string, base: string): Promise<Intervention> {
  const json = await readManifest(directory, INTERVENTION_FILE, 'intervention-invalid');
  const manifest = parseIntervention(json);
  if (!manifest.ok) throw invalid(manifest.reason, manifest.detail);
  // spec 10-artifacts §6.1
  if (manifest.value.base !== base)
    throw invalid('base-mismatch', `the intervention is for ${manifest.value.base}, the target is ${base}`);
  return manifest.value;
}

/**
 * Puts an intervention's tensors into its edits and reads, checked against the target and the sources it names.
 * @throws OversightError `intervention-invalid`; `details.reason` says why.
 */
export async function loadIntervention(
  directory: string,
  manifest: Intervention,
  target: Checkpoint,
  sources: ReadonlyMap<string, Checkpoint>,
): Promise<ResolvedIntervention> {
  const files = await loadTensors(directory, manifest);
  const tensorOf = (ref: TensorRef) => files.get(ref.file)?.get(ref.tensor);
  const transferred = await carryVectors(manifest, new Tensors(tensorOf), target, sources);
  const resolved = resolveIntervention(manifest, tensorOf, {
    layers: target.config.layers,
    width: target.config.width,
    linears: linearsOf(target),
    sources: new Map([...sources].map(([id, { config }]) => [id, config])),
    transferred,
  });
  if (!resolved.ok) throw invalid(resolved.reason, resolved.detail);
  return resolved.value;
}

/**
 * The maps whose sources are at hand, for their fit.
 * @throws OversightError `intervention-invalid`; `details.reason` says why.
 */
export async function loadMaps(
  directory: string,
  manifest: Intervention,
  target: Checkpoint,
  sources: ReadonlyMap<string, Checkpoint>,
): Promise<readonly PlacedMap[]> {
  const files = await loadTensors(directory, manifest);
  const maps = resolveMaps(manifest, (ref) => files.get(ref.file)?.get(ref.tensor), {
    layers: target.config.layers,
    width: target.config.width,
    sources: new Map([...sources].map(([id, { config }]) => [id, config])),
  });
  if (!maps.ok) throw invalid(maps.reason, maps.detail);
  return maps.value;
}

function linearsOf(checkpoint: Checkpoint): ReadonlyMap<string, TargetLinear> {
  const writing = writers(checkpoint);
  return new Map(
    [...linearLayers(checkpoint)].map(([name, { input, output }]) => [
      name,
      { inputs: input, outputs: output, writes: writing.has(name) },
    ]),
  );
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
