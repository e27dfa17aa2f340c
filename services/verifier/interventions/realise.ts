import {
  type ActivationEdit,
  decoderWeights,
  type Linear,
  type LowRankEdit,
  norm,
  type Orthogonalisation,
  pointName,
  type ResolvedIntervention,
} from '../../../protocols/artifacts/index.ts';
import type { Checkpoint } from '../engine/checkpoint.ts';
import { readWeight } from './read-weight.ts';

/** An intervention whose changes of weights are all known as factors. */
export interface RealisedIntervention extends ResolvedIntervention {
  readonly weights: readonly LowRankEdit[];
}

/**
 * Works out the changes that depend on the model's own weights: W - u u^T W is a side path with down u^T W and up -u.
 * @throws OversightError `intervention-invalid` for what the engine cannot change; `checkpoint-invalid`
 */
export async function realise(
  intervention: ResolvedIntervention,
  checkpoint: Checkpoint,
): Promise<RealisedIntervention> {
  const weights: LowRankEdit[] = [];
  const embeddings: ActivationEdit[] = [];
  for (const edit of intervention.weights) {
    if (edit.kind === 'low-rank') weights.push(edit);
    else {
      weights.push(...(await orthogonalise(edit, checkpoint)));
      if (edit.embedding) embeddings.push(embeddingEdit(edit));
      if (edit.embedding && edit.tiedUnembedding === 'changed' && checkpoint.config.tied)
        weights.push(await orthogonaliseUnembedding(edit, checkpoint));
    }
  }
  return { ...intervention, edits: [...embeddings, ...intervention.edits], weights };
}

async function orthogonalise(
  { weights, vector }: Orthogonalisation,
  checkpoint: Checkpoint,
): Promise<readonly LowRankEdit[]> {
  const u = unit(vector);
  const linears = writers(checkpoint);
  const out: LowRankEdit[] = [];
  for (const weight of weights) {
    const linear = linears.get(weight);
    if (linear === undefined) throw new TypeError('a weight that was not resolved');
    const { shape, data } = await readWeight(checkpoint, weight);
    const a = linear.stored === 'out-in' ? fromRows(data, u) : fromColumns(data, u);
    if (shape.length !== 2) throw new TypeError('a linear layer is a matrix');
    out.push({ kind: 'low-rank', weight, rank: 1, a, b: u.map((x) => -x) });
  }
  return out;
}

/** The stream before the first block is what the embedding wrote, so what is taken from its rows is taken from there. */
function embeddingEdit({ vector }: Orthogonalisation): ActivationEdit {
  const point = { name: pointName(0, 'hook_resid_pre'), layer: 0, place: 'hook_resid_pre' } as const;
  return { point, positions: { kind: 'all' }, operation: { kind: 'ablate', vector } };
}

/** An embedding E [vocabulary, d] whose rows lose u also reads less as the unembedding: E x - (E u) (u . x). */
async function orthogonaliseUnembedding(
  { vector }: Orthogonalisation,
  checkpoint: Checkpoint,
): Promise<LowRankEdit> {
  const { config, tensors } = checkpoint;
  const u = unit(vector);
  const weight = decoderWeights(config, (name) => tensors.has(name)).head.weight;
  const { data } = await readWeight(checkpoint, weight);
  return { kind: 'low-rank', weight, rank: 1, a: u, b: fromColumns(data, u).map((x) => -x) };
}

function unit(vector: Float64Array): Float64Array {
  const length = norm(vector);
  return vector.map((x) => x / length);
}

/** Linear layers whose output is added to the residual stream, by weight name. */
export function writers({ config, tensors }: Checkpoint): ReadonlyMap<string, Linear> {
  const weights = decoderWeights(config, (name) => tensors.has(name));
  const out = new Map<string, Linear>();
  for (let layer = 0; layer < config.layers; layer++) {
    const { output, mlp } = weights.block(layer);
    out.set(output.weight, output);
    out.set(mlp.down.weight, mlp.down);
  }
  return out;
}

/** u^T W for W [outputs, inputs]. */
function fromRows(data: Float32Array, u: Float64Array): Float64Array {
  const inputs = data.length / u.length;
  const out = new Float64Array(inputs);
  for (const [row, x] of u.entries())
    for (let i = 0; i < inputs; i++) out[i] = (out[i] as number) + x * (data[row * inputs + i] as number);
  return out;
}

/** The same for W stored as [inputs, outputs]. */
function fromColumns(data: Float32Array, u: Float64Array): Float64Array {
  const outputs = u.length;
  return Float64Array.from({ length: data.length / outputs }, (_, input) => {
    let sum = 0;
    for (let i = 0; i < outputs; i++) sum += (data[input * outputs + i] as number) * (u[i] as number);
    return sum;
  });
}
