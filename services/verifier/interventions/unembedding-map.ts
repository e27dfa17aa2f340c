import {
  decoderWeights,
  type FixedVector,
  type Intervention,
  loadParts,
  type Mapper,
  norm,
  type Tensors,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from '../engine/checkpoint.ts';
import { carryByLeastSquares, type Matrix } from './least-squares.ts';
import { readWeight } from './read-weight.ts';

/** Largest |published - recomputed| / |recomputed|. Room for an author who solved it in float32. spec 10-artifacts §7.2 */
export const PUBLISHED_TOLERANCE = 1e-3;

type UnembeddingMapper = Extract<Mapper, { kind: 'unembedding-least-squares' }>;

/**
 * Carries every vector that goes by least squares on the unembeddings, by the number of its edit, from the two
 * checkpoints alone, and compares it with what was published.
 * @throws OversightError `intervention-invalid`: `transfer-mismatch` where the published vector is another
 */
export async function carryVectors(
  manifest: Intervention,
  tensors: Tensors,
  target: Checkpoint,
  sources: ReadonlyMap<string, Checkpoint>,
): Promise<ReadonlyMap<number, Float64Array>> {
  const carried = new Map<number, Float64Array>();
  for (const [index, edit] of manifest.edits.entries()) {
    if (!('mapper' in edit) || edit.mapper?.kind !== 'unembedding-least-squares') continue;
    if (!('vector' in edit) || edit.vector.kind === 'contrast') continue;
    const source = sources.get(edit.mapper.source);
    if (source === undefined) throw invalid('source-missing', edit.mapper.source);
    carried.set(index, await carry(edit.vector, edit.mapper, tensors, target, source));
  }
  return carried;
}

async function carry(
  vector: FixedVector,
  mapper: UnembeddingMapper,
  tensors: Tensors,
  target: Checkpoint,
  source: Checkpoint,
): Promise<Float64Array> {
  const parts = loadParts(vector, tensors, source.config.width);
  if (!parts.ok) throw invalid(parts.reason, parts.detail);
  const published = tensors.vector(mapper.published, target.config.width);
  if (!published.ok) throw invalid(published.reason, published.detail);
  const { from, to } = tokenRange(mapper, target, source);
  const left = rowsOf(await unembedding(source), from, to);
  const right = rowsOf(await unembedding(target), from, to);
  const carried = carryByLeastSquares(left, right, parts.value.vector, mapper.ridge);
  if (carried === null)
    throw invalid(
      'least-squares-singular',
      `${to - from} tokens do not determine ${left.columns} dimensions`,
    );
  const difference = norm(carried.map((x, i) => x - (published.value[i] as number)));
  if (!(difference <= PUBLISHED_TOLERANCE * norm(carried)))
    throw invalid(
      'transfer-mismatch',
      `the published vector is ${(difference / norm(carried)).toExponential(1)} from the recomputed one, relative to its length`,
    );
  return carried;
}

function tokenRange({ tokens }: UnembeddingMapper, target: Checkpoint, source: Checkpoint) {
  const shared = Math.min(target.config.vocabSize, source.config.vocabSize);
  if (tokens !== 'all') {
    if (tokens.to > shared) throw invalid('width-mismatch', `the two vocabularies share ${shared} tokens`);
    return tokens;
  }
  if (target.config.vocabSize !== source.config.vocabSize)
    throw invalid('width-mismatch', 'all tokens of two vocabularies of different sizes');
  return { from: 0, to: shared };
}

/** The unembedding [vocabulary, d_model]: the embedding, where the two are tied. */
async function unembedding(checkpoint: Checkpoint): Promise<Matrix> {
  const { config, tensors } = checkpoint;
  const { head } = decoderWeights(config, (name) => tensors.has(name));
  const { data } = await readWeight(checkpoint, head.weight);
  return { rows: config.vocabSize, columns: config.width, data };
}

function rowsOf({ columns, data }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, columns, data: data.subarray(from * columns, to * columns) };
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('intervention-invalid', message, { details: { reason } });
}
