import {
  type Autoencoder,
  FORMULAS,
  type Positions,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../../../protocols/artifacts/index.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { type Draft, type ImportRefusal, type NewTensor, refTo } from '../draft.ts';
import { tensorOfFile } from '../file-tensor.ts';
import { parseSaeConfig, type SaeConfig } from './sae-config.ts';
import { columnOfFile, rowOfFile } from './slices.ts';

export interface SaeFiles {
  /** Parsed cfg.json. */
  readonly config: unknown;
  /** sae_weights.safetensors. */
  readonly path: string;
  readonly header: SafetensorsHeader;
}

export interface SaeChoice {
  readonly feature: number;
  readonly effect:
    | { readonly kind: 'add'; readonly strength: number }
    | { readonly kind: 'clamp'; readonly value: number };
  readonly positions: Positions;
  readonly activationScale: number | null;
}

/**
 * One feature of a sparse autoencoder that SAELens saved, added to or clamped. A feature that depends on no other is
 * taken out alone, as feature 0 of one; under top-k the whole autoencoder goes along.
 */
export function draftSae(
  { config: json, path, header }: SaeFiles,
  { feature, effect, positions, activationScale }: SaeChoice,
): Result<Draft, ImportRefusal> {
  const config = parseSaeConfig(json, activationScale);
  if (!config.ok) return config;
  const { point, features, model, activation } = config.value;
  if (feature >= features) return refuse('feature-out-of-range', `feature ${feature} of ${features}`);
  const stored = findTensors(config.value, header);
  if (!stored.ok) return stored;
  const isWhole = activation.kind === 'top-k';
  const tensors = isWhole ? wholeTensors(path, stored.value) : oneFeature(path, stored.value, feature);
  if (tensors === null) return refuse('dtype-unsupported', 'only F32, F16 and BF16 weights are read');
  const autoencoder = describe(config.value);
  const shared = { at: point, positions, autoencoder, feature: isWhole ? feature : 0 };
  const rescaled = effect.kind === 'clamp' && autoencoder.normalisation.kind !== 'none';
  const scale = rescaled ? 'undo-normalisation' : 'none';
  return accept({
    edits: [
      effect.kind === 'add'
        ? { kind: 'sae-add', formula: FORMULAS.saeAdd, ...shared, strength: effect.strength, scale }
        : { kind: 'sae-clamp', formula: FORMULAS.saeClamp, ...shared, value: effect.value, scale },
    ],
    tensors,
    method: `sparse autoencoder saved by SAELens, trained on ${model ?? 'a model it does not name'}`,
    point,
    selection: `feature ${feature} of ${features}`,
  });
}

const NAMES = {
  W_enc: 'encoder',
  b_enc: 'encoder-bias',
  W_dec: 'decoder',
  b_dec: 'decoder-bias',
  threshold: 'threshold',
};
type Stored = Readonly<Partial<Record<keyof typeof NAMES, TensorEntry>>>;

function findTensors(
  { width, features, activation }: SaeConfig,
  { tensors }: SafetensorsHeader,
): Result<Stored, ImportRefusal> {
  const shapes: Partial<Record<keyof typeof NAMES, readonly number[]>> = {
    W_enc: [width, features],
    b_enc: [features],
    W_dec: [features, width],
    b_dec: [width],
    ...(activation.kind === 'jump-relu' ? { threshold: [features] } : {}),
  };
  const found: Partial<Record<keyof typeof NAMES, TensorEntry>> = {};
  for (const [key, shape] of Object.entries(shapes)) {
    const entry = tensors.get(key);
    if (entry === undefined) return refuse('tensor-missing', key);
    if (`${entry.shape}` !== `${shape}`)
      return refuse('width-mismatch', `${key} is [${entry.shape}], cfg.json says [${shape}]`);
    found[key as keyof typeof NAMES] = entry;
  }
  return accept(found);
}

function wholeTensors(path: string, stored: Stored): readonly NewTensor[] | null {
  return allOrNull(
    Object.entries(stored).map(([key, entry]) => tensorOfFile(NAMES[key as keyof typeof NAMES], path, entry)),
  );
}

/** encoder [d, 1], decoder [1, d], biases and threshold [1]; decoder-bias [d] as it is. */
function oneFeature(path: string, stored: Stored, feature: number): readonly NewTensor[] | null {
  return allOrNull(
    Object.entries(stored).map(([key, entry]) => {
      const name = NAMES[key as keyof typeof NAMES];
      if (key === 'b_dec') return tensorOfFile(name, path, entry);
      return key === 'W_enc'
        ? columnOfFile(name, path, entry, feature)
        : rowOfFile(name, path, entry, feature);
    }),
  );
}

function allOrNull(tensors: readonly (NewTensor | null)[]): readonly NewTensor[] | null {
  return tensors.every((tensor) => tensor !== null) ? tensors : null;
}

function describe({ activation, normalisation, subtractDecoderBias }: SaeConfig): Autoencoder {
  return {
    activation:
      activation.kind === 'jump-relu'
        ? { kind: 'jump-relu', threshold: refTo(NAMES.threshold) }
        : activation.kind === 'top-k'
          ? activation
          : { kind: 'relu' },
    normalisation,
    encoder: refTo(NAMES.W_enc),
    encoderBias: refTo(NAMES.b_enc),
    decoder: refTo(NAMES.W_dec),
    decoderBias: refTo(NAMES.b_dec),
    subtractDecoderBias,
    decoderRows: 'as-stored',
  };
}
