import type { ContentId } from '../../base/ids.ts';
import type { Point } from '../points.ts';
import type { Positions } from './positions.ts';

/** Vectors are [d_model] in float64: what is computed from a manifest is rounded once, where it meets the model. */
export type Direction = Float64Array;

/** A tensor as numbers, row-major. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What an intervention is checked against. */
export interface Target {
  readonly layers: number;
  readonly width: number;
  /** Linear layers by the name of their weight. */
  readonly linears: ReadonlyMap<string, LinearShape>;
  /** Checkpoints beside the base, by CID. */
  readonly sources: ReadonlyMap<string, { readonly layers: number; readonly width: number }>;
  /** Vectors carried by least squares on the unembeddings, by the number of their edit: the verifier's own solution. */
  readonly transferred: ReadonlyMap<number, Direction>;
}
export interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Whether its output is added to the residual stream. */
  readonly writes: boolean;
}

/** An intervention with its numbers, checked against a model. */
export interface ResolvedIntervention {
  readonly edits: readonly ActivationEdit[];
  readonly weights: readonly WeightEdit[];
  readonly reads: readonly Read[];
}

/** One edit at one point. */
export interface ActivationEdit {
  readonly point: Point;
  readonly positions: Positions;
  readonly operation: Operation;
}

export type Operation =
  /** One row for every position, or row i for the i-th selected one. */
  | {
      readonly kind: 'add';
      readonly coefficient: number;
      readonly rows: readonly Direction[];
      readonly restoreNorm: boolean;
    }
  | ContrastAdd
  | { readonly kind: 'ablate'; readonly vector: Direction }
  | { readonly kind: 'clamp'; readonly vector: Direction; readonly mean: Direction }
  | { readonly kind: 'replace'; readonly value: Direction }
  | ModelReplace
  | {
      readonly kind: 'sae-add';
      readonly feature: SaeFeature;
      readonly strength: number;
      readonly undoNormalisation: boolean;
    }
  | {
      readonly kind: 'sae-clamp';
      readonly feature: SaeFeature;
      readonly value: number;
      readonly undoNormalisation: boolean;
    }
  /** A step as long as the one `of` would take, along a direction of length 1: the random control of what has no vector. */
  | { readonly kind: 'displace'; readonly of: Operation; readonly direction: Direction };

/** The vectors of each prompt are derived before it is run. */
export interface ContrastAdd {
  readonly kind: 'add-contrast';
  readonly coefficient: number;
  readonly unit: boolean;
  readonly restoreNorm: boolean;
  readonly plus: string;
  readonly minus: string;
  /** Null is the base itself. */
  readonly source: ContentId | null;
  readonly point: Point;
  readonly map: VectorMap | null;
  /** Of the target. */
  readonly width: number;
}

export interface ModelReplace {
  readonly kind: 'replace-from-model';
  /** Of the target. */
  readonly width: number;
  readonly source: ContentId;
  readonly point: Point;
  readonly map: VectorMap | null;
}

export type VectorParts = readonly [plus: readonly Direction[], minus: readonly Direction[]];

/** A mapper with its numbers. */
export interface VectorMap {
  readonly sourceWidth: number;
  mapPoint(point: Direction): Direction;
  /** `parts` are the activations plus and minus, where the vector is known as the difference of their means. */
  mapVector(vector: Direction, parts: VectorParts | null): Direction;
}

/** One feature of a sparse autoencoder. */
export interface SaeFeature {
  readonly feature: number;
  readonly activation:
    | { readonly kind: 'relu' }
    | { readonly kind: 'jump-relu'; readonly threshold: number }
    /** encoder [d, features], biases [features]: every pre-activation is needed to know the largest. */
    | {
        readonly kind: 'top-k';
        readonly k: number;
        readonly encoder: Float32Array;
        readonly biases: Float32Array;
      };
  readonly normalisation:
    | { readonly kind: 'none' }
    | { readonly kind: 'expected-average-only-in'; readonly scale: number }
    | { readonly kind: 'constant-norm-rescale' }
    | { readonly kind: 'layer-norm'; readonly epsilon: number };
  /** The feature's column of the encoder and its bias. */
  readonly column: Direction;
  readonly bias: number;
  /** Taken from the normalised input, where the autoencoder does so. */
  readonly inputBias: Direction | null;
  /** The feature's row of the decoder. */
  readonly direction: Direction;
}

export type WeightEdit = LowRankEdit | Orthogonalisation;

/** W + B A with the scale in B; a [rank, inputs], b [outputs, rank]. */
export interface LowRankEdit {
  readonly kind: 'low-rank';
  readonly weight: string;
  readonly rank: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** W - u u^T W: a change of rank 1 that depends on the weight itself. */
export interface Orthogonalisation {
  readonly kind: 'orthogonalise';
  readonly weights: readonly string[];
  /** Whether the embedding (of tokens and, where learned, of positions) is changed too. */
  readonly embedding: boolean;
  readonly tiedUnembedding: 'unchanged' | 'changed';
  readonly vector: Direction;
}

export interface Read {
  readonly id: string;
  readonly positions: Positions;
  readonly pool: 'last' | 'mean' | 'max';
  readonly source: ReadSource;
}
export type ReadSource =
  | { readonly kind: 'probe'; readonly point: Point; readonly weight: Direction; readonly bias: number }
  | { readonly kind: 'sae-feature'; readonly point: Point; readonly feature: SaeFeature }
  | {
      readonly kind: 'crosscoder-feature';
      readonly models: readonly CrosscoderInput[];
      readonly bias: number;
    };
export interface CrosscoderInput {
  /** Null is the base itself. */
  readonly source: ContentId | null;
  readonly point: Point;
  readonly scale: number;
  /** The feature's column of this model's encoder. */
  readonly column: Direction;
}
