import { type DecoderWeights, decoderWeights, type Linear } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from './checkpoint.ts';

export interface LinearShape {
  readonly input: number;
  readonly output: number;
}

/** The linear layers of the blocks, by weight name. Embedding and unembedding are not among them. */
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
  return shapes;
}

/**
 * Shapes of the layers that get a side path.
 * @throws OversightError `intervention-invalid` for a name that is no linear layer of a block.
 */
export function sideShapes(
  checkpoint: Checkpoint,
  names: readonly string[],
): ReadonlyMap<string, LinearShape> {
  const layers = linearLayers(checkpoint);
  return new Map(
    names.map((name) => {
      const shape = layers.get(name);
      if (shape === undefined)
        throw new OversightError('intervention-invalid', `${name} is not a linear layer of a block`, {
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
