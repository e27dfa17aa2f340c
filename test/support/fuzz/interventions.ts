import {
  affineCompanion,
  parseIntervention,
  resolveIntervention,
  sharedTokenSources,
  sourceCheckpoints,
  tensorRefs,
} from '../../../protocols/artifacts/index.ts';
import { mutateData } from '../mutations.ts';
import { contentCid } from '../samples.ts';
import { INTERVENTIONS_2 } from '../vectors/interventions.ts';
import { type FuzzTarget, must, oneOf } from './target.ts';

const base = contentCid('base');
const INTERVENTION_1 = {
  format: 'intervention/1',
  base,
  site: 'blocks.1.hook_resid_post',
  operation: {
    kind: 'clamp',
    formula: 'h - ((h - mean) . u) u, u = vector / |vector|',
    norm: 'unit-direction',
    vector: { file: 'vectors.safetensors', tensor: 'v' },
    mean: { file: 'vectors.safetensors', tensor: 'm' },
  },
  positions: 'all',
  mapper: {
    kind: 'affine',
    source: base,
    weight: { file: 'mapper.safetensors', tensor: 'w' },
    bias: { file: 'mapper.safetensors', tensor: 'b' },
    apply: 'map-vector-no-bias',
  },
  derivation: {
    method: 'difference of means',
    source: base,
    site: 'blocks.0.hook_resid_pre',
    dataset: 'prompts',
    selection: 'on a validation split',
  },
};

interface Published {
  readonly manifest: object;
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  readonly model: {
    readonly layers: number;
    readonly width: number;
    readonly linears: Readonly<Record<string, { inputs: number; outputs: number; writes: boolean }>>;
    readonly sources: Readonly<Record<string, { layers: number; width: number }>>;
  };
}
const VERSION_1: Published = {
  manifest: INTERVENTION_1,
  tensors: { v: { shape: [4] }, m: { shape: [4] }, w: { shape: [8, 4] }, b: { shape: [8] } },
  model: { layers: 2, width: 8, linears: {}, sources: {} },
};
const PUBLISHED: readonly Published[] = [VERSION_1, ...Object.values(INTERVENTIONS_2)];

export const INTERVENTION_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  interventions: {
    drives: [
      'protocols/artifacts/interventions/manifest.ts#parseIntervention',
      'protocols/artifacts/interventions/manifest.ts#derivationSchema',
    ],
    accepts: true,
    run: (random) => {
      const { manifest, tensors, model } = oneOf(PUBLISHED, random);
      const parsed = parseIntervention(mutateData(manifest, random));
      if (!parsed.ok) return false;
      for (const { file } of tensorRefs(parsed.value))
        must(!/[/\\]|\.\./.test(file), 'a file outside its folder');
      const sources = new Set(sourceCheckpoints(parsed.value));
      must(
        sharedTokenSources(parsed.value).every((id) => sources.has(id)),
        'a source that is none',
      );
      const companion = affineCompanion(parsed.value);
      must(companion === null || parseIntervention(companion).ok, 'a companion that is no manifest');
      const special = oneOf([0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 3.4e38], random);
      const resolved = resolveIntervention(
        parsed.value,
        ({ tensor }) => {
          const shape = Object.hasOwn(tensors, tensor) ? tensors[tensor]?.shape : undefined;
          return shape && { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(special) };
        },
        {
          ...model,
          linears: new Map(Object.entries(model.linears)),
          sources: new Map(Object.entries(model.sources)),
          transferred: new Map(),
        },
      );
      if (!resolved.ok) return false;
      for (const { operation } of resolved.value.edits)
        if (operation.kind === 'ablate' || operation.kind === 'clamp')
          must(
            operation.vector.length === model.width && operation.vector.some((x) => x !== 0),
            'no direction',
          );
      for (const edit of resolved.value.weights)
        if (edit.kind === 'low-rank') must(edit.a.length % edit.rank === 0, 'factors of no rank');
      return true;
    },
  },
};
