import { type Intervention, parseIntervention } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { Result } from '../../../protocols/base/result.ts';
import { type Checkpoint, openCheckpoint } from '../engine/checkpoint.ts';
import { linearLayers } from '../engine/linear-layers.ts';
import { loadIntervention, readIntervention } from '../interventions/load.ts';
import type { Draft, ImportRefusal } from './draft.ts';
import { type ControlVectorChoice, draftControlVector } from './gguf/control-vector.ts';
import { draftSteering, type SteeringChoice } from './neuronpedia-json.ts';
import { draftAdapter } from './peft/adapter.ts';
import { readPair, readWhole, readWholeJson } from './read-source.ts';
import { draftSae, type SaeChoice } from './saelens/sae.ts';
import { draftVector, type VectorChoice } from './torch/vector.ts';
import { writeIntervention } from './write-intervention.ts';

/** What is in `source`, and what it does not say itself. */
export type ImportSource = { readonly source: string } & (
  | { readonly kind: 'peft' }
  | ({ readonly kind: 'gguf' } & ControlVectorChoice)
  | ({ readonly kind: 'saelens' } & SaeChoice)
  | ({ readonly kind: 'neuronpedia' } & SteeringChoice)
  | ({ readonly kind: 'pt' } & VectorChoice)
);

export interface ImportTarget {
  /** The model's directory. */
  readonly model: string;
  /** Its CID. */
  readonly base: ContentId;
  /** What the intervention was derived from, where that is known. */
  readonly dataset: string | null;
}

/**
 * Makes an intervention/2 directory of what another tool saved. Nothing of the source is run, and the result is loaded
 * against the model, as a re-run would load it, before it gets its name.
 * @throws OversightError `intervention-invalid`, `details.reason` says why; `checkpoint-invalid`; `not-found`;
 * `argument-invalid` where `out` exists
 */
export async function importIntervention(
  source: ImportSource,
  { model, base, dataset }: ImportTarget,
  out: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Intervention> {
  const checkpoint = await openCheckpoint(model);
  const draft = await draftOf(source, checkpoint);
  if (!draft.ok) throw invalid(draft.reason, draft.detail);
  const { edits, tensors, method, point, selection } = draft.value;
  const manifest = parseIntervention({
    format: 'intervention/2',
    base,
    edits,
    reads: [],
    derivation: { method, source: base, point, dataset: dataset ?? 'not stated', selection },
  });
  if (!manifest.ok) throw invalid(manifest.reason, manifest.detail);
  const check = async (directory: string) => {
    const written = await readIntervention(directory, base);
    await loadIntervention(directory, written, checkpoint, new Map());
  };
  await writeIntervention(out, manifest.value, tensors, { signal, check });
  return manifest.value;
}

const ADAPTER = { config: 'adapter_config.json', weights: 'adapter_model.safetensors' };
const SAE = { config: 'cfg.json', weights: 'sae_weights.safetensors' };

async function draftOf(request: ImportSource, checkpoint: Checkpoint): Promise<Result<Draft, ImportRefusal>> {
  switch (request.kind) {
    case 'peft':
      return draftAdapter(await readPair(request.source, ADAPTER), new Set(linearLayers(checkpoint).keys()));
    case 'gguf':
      return draftControlVector(await readWhole(request.source), request);
    case 'saelens':
      return draftSae(await readPair(request.source, SAE), request);
    case 'neuronpedia':
      return draftSteering(await readWholeJson(request.source), request);
    case 'pt':
      return draftVector(await readWhole(request.source), request);
  }
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('intervention-invalid', message, { details: { reason } });
}
