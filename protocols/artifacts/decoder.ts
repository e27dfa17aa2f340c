import type { ModelType } from './model-config.ts';
import type { Rope } from './rope.ts';

/** Activations of an MLP. `gelu` is exact (erf), `gelu-tanh` its approximation (GPT-2's `gelu_new`). */
export type Activation = 'silu' | 'gelu' | 'gelu-tanh' | 'relu';

/** What differs from layer to layer in attention. */
export interface LayerAttention {
  /** Positions each token sees, itself included; null for all before it. */
  readonly window: number | null;
  /** Factor on the dot products of queries and keys. */
  readonly scale: number;
}

/** A decoder the engine can compile, whatever its family. All extents are positive and consistent with one another. */
export interface ModelConfig {
  readonly modelType: ModelType;
  readonly vocabSize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly mlpWidth: number;
  readonly maxPositions: number;
  /** `rms` multiplies by its weight, `rms-plus-one` by 1 + weight, `layer` also centres and adds a bias. */
  readonly norm: { readonly kind: 'rms' | 'rms-plus-one' | 'layer'; readonly epsilon: number };
  readonly activation: Activation;
  /** Null for a family with learned position embeddings. */
  readonly rope: Rope | null;
  /** One entry a layer. */
  readonly attention: readonly LayerAttention[];
  /** c in c tanh(x / c), on attention scores and on logits; null for none. */
  readonly scoreCap: number | null;
  readonly logitCap: number | null;
  /** Factor on token embeddings. */
  readonly embeddingScale: number;
  /** Attention and MLP read the same stream, as in GPT-J; otherwise the MLP reads what attention has added to. */
  readonly parallel: boolean;
  readonly tied: boolean;
  readonly biases: { readonly queryKeyValue: boolean; readonly output: boolean; readonly mlp: boolean };
  readonly eosTokenIds: readonly number[];
}

/** Weight names of one linear layer. PyTorch's Linear stores [out, in]; GPT-2's Conv1D stores [in, out]. */
export interface Linear {
  readonly weight: string;
  readonly bias: string | null;
  readonly stored: 'out-in' | 'in-out';
}

export interface Norm {
  readonly weight: string;
  /** Present exactly where the norm is a LayerNorm. */
  readonly bias: string | null;
}

/** How queries, keys and values come about. */
export type Projections =
  | { readonly kind: 'separate'; readonly query: Linear; readonly key: Linear; readonly value: Linear }
  /** One layer whose output is all queries, then all keys, then all values. */
  | { readonly kind: 'stacked'; readonly all: Linear }
  /** One layer whose output is, head by head, its query, key and value. */
  | { readonly kind: 'by-head'; readonly all: Linear };

export type MlpWeights =
  | { readonly kind: 'plain'; readonly up: Linear; readonly down: Linear }
  /** down(activation(gate(x)) * up(x)) */
  | { readonly kind: 'gated'; readonly gate: Linear; readonly up: Linear; readonly down: Linear }
  /** Same; one layer's output is the gate's, then the other's. */
  | { readonly kind: 'gated-stacked'; readonly gateUp: Linear; readonly down: Linear };

export interface BlockWeights {
  readonly attentionNorm: Norm;
  readonly projections: Projections;
  /** Norms over each head of the queries and keys, before rotation; null for none. */
  readonly queryNorm: Norm | null;
  readonly keyNorm: Norm | null;
  readonly output: Linear;
  /** Norm on the module's output, before it is added; null for none. */
  readonly attentionPostNorm: Norm | null;
  readonly mlpNorm: Norm;
  readonly mlp: MlpWeights;
  readonly mlpPostNorm: Norm | null;
}

/** Where a checkpoint keeps its weights. */
export interface DecoderWeights {
  readonly embedding: string;
  /** Learned position embeddings, [positions, width]; null for none. */
  readonly positions: string | null;
  readonly finalNorm: Norm;
  readonly head: Linear;
  block(layer: number): BlockWeights;
}
