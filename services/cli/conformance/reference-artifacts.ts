import { z } from 'zod';
import {
  parseIntervention,
  parseModelConfig,
  parsePrompts,
  parseSafetensorsHeader,
  parseSuite,
  parseTeacher,
  readHeaderLength,
  resolveIntervention,
} from '../../../protocols/artifacts/index.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

const tensors = z.record(
  z.string(),
  z.object({ shape: z.array(count), data: z.array(z.number()) }).optional(),
);

const extents = z.object({ layers: count, width: count });
const fittedModel = extents.extend({
  linears: z.record(z.string(), z.object({ inputs: count, outputs: count, writes: z.boolean() })).optional(),
  sources: z.record(z.string(), extents).optional(),
});

/** What was resolved as JSON: lists for arrays of numbers, and a map by the width it maps from. */
function plainNumbers(value: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) =>
      inner instanceof Float32Array || inner instanceof Float64Array ? [...inner] : inner,
    ),
  ) as Record<string, unknown>;
}

/** Files of checkpoints, interventions and suites: 10-artifacts. */
export function artifactOperations(): Operations {
  return {
    'safetensors.header-length': operation(
      z.object({ prefix: bytes, fileBytes: count }),
      ({ prefix, fileBytes }) => {
        const length = readHeaderLength(prefix, fileBytes);
        return length.ok ? { length: length.value } : { refused: length.reason };
      },
    ),
    'safetensors.header': operation(
      z.object({ header: bytes, fileBytes: count }),
      ({ header, fileBytes }) => {
        const parsed = parseSafetensorsHeader(header, fileBytes);
        if (!parsed.ok) return { refused: parsed.reason };
        return { tensors: Object.fromEntries(parsed.value.tensors) };
      },
    ),
    'model.config': operation(z.object({ config: z.unknown() }), ({ config }) => {
      const parsed = parseModelConfig(config);
      if (!parsed.ok) return { refused: parsed.reason };
      const { modelType, vocabSize, width, layers, heads, kvHeads, headDim, mlpWidth, tied, eosTokenIds } =
        parsed.value;
      const { maxPositions, parallel, attention } = parsed.value;
      const windows = attention.map(({ window }) => window);
      const shape = { modelType, vocabSize, width, layers, heads, kvHeads, headDim, mlpWidth, maxPositions };
      return { ...shape, tied, parallel, windows, eosTokenIds };
    }),
    'intervention.fit': operation(
      z.object({ manifest: z.unknown(), tensors, model: fittedModel }),
      (input) => {
        const manifest = parseIntervention(input.manifest);
        if (!manifest.ok) return { refused: manifest.reason };
        const fitted = resolveIntervention(
          manifest.value,
          ({ tensor }) => {
            const found = Object.hasOwn(input.tensors, tensor) ? input.tensors[tensor] : undefined;
            return found && { shape: found.shape, data: Float32Array.from(found.data) };
          },
          {
            ...input.model,
            linears: new Map(Object.entries(input.model.linears ?? {})),
            sources: new Map(Object.entries(input.model.sources ?? {})),
            transferred: new Map(),
          },
        );
        return fitted.ok ? plainNumbers(fitted.value) : { refused: fitted.reason };
      },
    ),
    'suite.read': operation(z.object({ suite: z.unknown() }), ({ suite }) => {
      const parsed = parseSuite(suite);
      if (!parsed.ok) return { refused: parsed.reason };
      const { measures, comparisons = [] } = parsed.value;
      return { measures: measures.map(({ id }) => id), comparisons: comparisons.map(({ id }) => id) };
    }),
    'teacher.read': operation(z.object({ text: z.string() }), ({ text }) => {
      const parsed = parseTeacher(text);
      return parsed.ok ? { ids: [...parsed.value.keys()] } : { refused: parsed.reason };
    }),
    'prompts.read': operation(z.object({ text: z.string(), count }), (input) => {
      const parsed = parsePrompts(input.text, input.count);
      return parsed.ok ? { ids: parsed.value.map(({ id }) => id) } : { refused: parsed.reason };
    }),
  };
}
