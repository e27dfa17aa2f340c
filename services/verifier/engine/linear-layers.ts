import { type DecoderWeights, decoderWeights, type Linear } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from './checkpoint.ts';

export interface LinearShape {
  readonly input: number;
  readonly output: number;
}

/** The linear layers, by weight name: those of the blocks, and an unembedding that is not also the embedding. */
export function linearLayers(checkpoint: Checkpoint): ReadonlyMap<string, LinearShape> {
  const { config, tensors } = checkpoint;
  const weights = decoderWeights(config, (name) => tensors.has(name));
  const shapes = new Map<string, LinearShape>();
  for (let layer = 0; layer < config.layers; layer++)
    for (const linear of linearsOf(weights, layer)) {
      const [first = 0, second = 0] = tensors.get(linear.weight)?.shape ?? [];
      const shape =
        linear.stored === 'out-in' ? { input: second, output: first } : { input: first, output: second };
      shapes.set(linear.weight, shape);
    }
  if (weights.head.weight !== weights.embedding) shapes.set(weights.head.weight, unembedding(checkpoint));
  return shapes;
}

function unembedding({ config }: Checkpoint): LinearShape {
  return { input: config.width, output: config.vocabSize };
}

/**
 * Shapes of the layers that get a side path. By the name of a tied embedding it is the unembedding that gets one, and
 * beside an unembedding all rows share it.
 * @throws OversightError `intervention-invalid` for a name that is no linear layer.
 */
export function sideShapes(
  checkpoint: Checkpoint,
  names: readonly string[],
): ReadonlyMap<string, LinearShape> {
  const { config, tensors } = checkpoint;
  const layers = new Map(linearLayers(checkpoint));
  layers.set(decoderWeights(config, (name) => tensors.has(name)).head.weight, unembedding(checkpoint));
  return new Map(
    names.map((name) => {
      const shape = layers.get(name);
      if (shape === undefined)
        throw new OversightError('intervention-invalid', `${name} is not a linear layer`, {
          details: { reason: 'weight-unknown' },
        });
      return [name, shape];
    }),
  );
}

function linearsOf(weights: DecoderWeights, layer: number): readonly Linear[] {
  const { projections, output, mlp } = weights.block(layer);
  const projecting =
    projections.kind === 'separate'
      ? [projections.query, projections.key, projections.value]
      : [projections.all];
  const widening = mlp.kind === 'gated' ? [mlp.gate, mlp.up] : mlp.kind === 'plain' ? [mlp.up] : [mlp.gateUp];
  return [...projecting, output, ...widening, mlp.down];
}
