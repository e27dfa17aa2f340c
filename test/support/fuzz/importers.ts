import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DTYPE_BYTES,
  interventionSchema,
  isDtype,
  parseSafetensorsHeader,
  type SafetensorsHeader,
} from '../../../protocols/artifacts/index.ts';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { draftControlVector } from '../../../services/verifier/importers/gguf/control-vector.ts';
import { readGguf } from '../../../services/verifier/importers/gguf/gguf-file.ts';
import { draftSteering } from '../../../services/verifier/importers/neuronpedia-json.ts';
import { draftAdapter } from '../../../services/verifier/importers/peft/adapter.ts';
import { parseAdapterConfig } from '../../../services/verifier/importers/peft/adapter-config.ts';
import { draftSae } from '../../../services/verifier/importers/saelens/sae.ts';
import { parseSaeConfig } from '../../../services/verifier/importers/saelens/sae-config.ts';
import { readPickle } from '../../../services/verifier/importers/torch/pickle.ts';
import { takeTensor } from '../../../services/verifier/importers/torch/torch-file.ts';
import type { PickleValue, StridedTensor } from '../../../services/verifier/importers/torch/values.ts';
import { readZip, type ZipFile } from '../../../services/verifier/importers/torch/zip.ts';
import { mutateBytes, mutateData } from '../mutations.ts';
import { writeZip } from '../verifier/write-zip.ts';
import { type FuzzTarget, must, oneOf, type Random } from './target.ts';

const folder = fileURLToPath(new URL('../../fixtures/importers', import.meta.url));
const read = (...path: readonly string[]) => readFileSync(join(folder, ...path));
const readAll = (kind: string) => readdirSync(join(folder, kind)).map((name) => read(kind, name));
const json = (...path: readonly string[]) => JSON.parse(read(...path).toString()) as unknown;

const PT = readAll('pt');
const GGUF = readAll('gguf');
const ADAPTERS = ['lora', 'rslora', 'bare', 'refused/dora'].map((name) =>
  json('peft', name, 'adapter_config.json'),
);
const SAES = readdirSync(join(folder, 'saelens')).map((name) => json('saelens', name, 'cfg.json'));
const STEERING = readdirSync(join(folder, 'neuronpedia')).map((name) => json('neuronpedia', name));
const positions = { kind: 'all' } as const;

const QUERY = 'base_model.model.model.layers.0.self_attn.q_proj';
const WEIGHTS = new Set(['model.layers.0.self_attn.q_proj.weight', 'model.layers.1.mlp.down_proj.weight']);
/** Types and shapes of tensors, by name. */
const ADAPTER_TENSORS = {
  [`${QUERY}.lora_A.weight`]: ['F32', [4, 32]],
  [`${QUERY}.lora_B.weight`]: ['F32', [32, 4]],
  'base_model.model.model.layers.1.mlp.down_proj.lora_A.weight': ['BF16', [2, 48]],
  'base_model.model.model.layers.1.mlp.down_proj.lora_B.weight': ['BF16', [32, 2]],
};
const SAE_TENSORS = {
  W_enc: ['F32', [32, 12]],
  b_enc: ['F32', [12]],
  W_dec: ['F32', [12, 32]],
  b_dec: ['F32', [32]],
  threshold: ['F32', [12]],
};

/** Files that are read whole, entry by entry. */
const ENTRIES = ['nested.pt', 'state-dict.pt', 'view.pt', 'parameter.pt', 'runs.pt', 'numpy.pt'].map((name) =>
  entriesOf(read('pt', name)),
);
const PATHS: readonly (readonly string[])[] = [
  [],
  ['directions', '13'],
  ['directions', 'all', '0'],
  ['weight'],
  ['__proto__'],
  ['layer'],
];

export const IMPORTER_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'zip-files': {
    drives: ['services/verifier/importers/torch/zip.ts#readZip'],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf(PT, random), random);
      const zip = readZip(bytes);
      if (!zip.ok) return false;
      let total = 0;
      for (const name of zip.value.names) {
        const data = zip.value.read(name);
        if (data.ok) total += data.value?.length ?? 0;
      }
      must(total <= bytes.length, 'more in the entries than in the file');
      return true;
    },
  },
  pickles: {
    drives: ['services/verifier/importers/torch/pickle.ts#readPickle'],
    accepts: true,
    run: (random) => {
      const [, data] = oneOf(ENTRIES, random).find(([name]) => name.endsWith('data.pkl')) ?? [];
      const value = readPickle(mutateBytes(data ?? new Uint8Array(), random));
      if (!value.ok) return false;
      for (const tensor of tensorsIn(value.value)) mustLieInside(tensor);
      return true;
    },
  },
  'torch-files': {
    drives: [
      'services/verifier/importers/torch/torch-file.ts#takeTensor',
      'services/verifier/importers/torch/rebuild.ts#readStorage',
    ],
    accepts: true,
    run: (random) => {
      const tensor = takeTensor(spoilEntry(random), oneOf(PATHS, random), oneOf([[], [1], [1, 2]], random));
      if (!tensor.ok) return false;
      const { shape, data } = tensor.value;
      must(
        data.length === shape.reduce((product, extent) => product * extent, 1),
        'a tensor of another size',
      );
      return true;
    },
  },
  'gguf-files': {
    drives: [
      'services/verifier/importers/gguf/gguf-file.ts#readGguf',
      'services/verifier/importers/gguf/metadata.ts#readMetadata',
      'services/verifier/importers/gguf/metadata.ts#readName',
      'services/verifier/importers/gguf/control-vector.ts#draftControlVector',
    ],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf(GGUF, random), random);
      const file = readGguf(bytes);
      if (!file.ok) return false;
      let total = 0;
      for (const { bytes: data } of file.value.tensors.values()) total += data.length;
      must(total <= bytes.length, 'more in the tensors than in the file');
      mustBeEdits(draftControlVector(bytes, { coefficient: 1, positions, layers: null }));
      return true;
    },
  },
  'adapter-configurations': {
    drives: ['services/verifier/importers/peft/adapter-config.ts#parseAdapterConfig'],
    accepts: true,
    run: (random) => {
      const config = parseAdapterConfig(mutateData(oneOf(ADAPTERS, random), random));
      if (!config.ok) return false;
      const { rankOf, alphaOf } = config.value;
      for (const path of ['model.layers.1.self_attn.q_proj', '', '__proto__'])
        must(rankOf(path) > 0 && alphaOf(path) > 0, 'a scale that is none');
      return true;
    },
  },
  'autoencoder-configurations': {
    drives: ['services/verifier/importers/saelens/sae-config.ts#parseSaeConfig'],
    accepts: true,
    run: (random) => {
      const config = parseSaeConfig(mutateData(oneOf(SAES, random), random), oneOf([null, 0.5], random));
      if (!config.ok) return false;
      const { width, features } = config.value;
      must(width > 0 && features > 0, 'an extent that is none');
      return true;
    },
  },
  'adapter-tensors': {
    drives: ['services/verifier/importers/peft/adapter.ts#draftAdapter'],
    accepts: true,
    run: (random) => {
      const header = headerOf(mutateData(ADAPTER_TENSORS, random));
      if (header === null) return false;
      const draft = draftAdapter({ config: ADAPTERS[0], path: '', header }, WEIGHTS);
      mustBeEdits(draft);
      if (draft.ok) must(new Set(draft.value.tensors.map(({ name }) => name)).size % 2 === 0, 'half a pair');
      return draft.ok;
    },
  },
  'autoencoder-tensors': {
    drives: ['services/verifier/importers/saelens/sae.ts#draftSae'],
    accepts: true,
    run: (random) => {
      const header = headerOf(mutateData(SAE_TENSORS, random));
      if (header === null) return false;
      const effect = { kind: 'clamp', value: 1 } as const;
      const choice = { feature: 11, effect, positions, activationScale: 1 };
      const draft = draftSae({ config: oneOf(SAES, random), path: '', header }, choice);
      mustBeEdits(draft);
      return draft.ok;
    },
  },
  'steering-vectors': {
    drives: ['services/verifier/importers/neuronpedia-json.ts#draftSteering'],
    accepts: true,
    run: (random) => {
      const draft = draftSteering(mutateData(oneOf(STEERING, random), random), { strength: null, positions });
      mustBeEdits(draft);
      return draft.ok;
    },
  },
};

/** A safetensors header of these tensors one after the other; null where it is none. */
function headerOf(tensors: unknown): SafetensorsHeader | null {
  if (typeof tensors !== 'object' || tensors === null) return null;
  let at = 0;
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    const [dtype, shape] = Array.isArray(tensor) ? (tensor as unknown[]) : [];
    const extents = Array.isArray(shape) ? (shape as unknown[]).map(Number) : [];
    const bytes = isDtype(dtype) ? extents.reduce((product, n) => product * n, DTYPE_BYTES[dtype]) : 0;
    const begin = at;
    at += Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
    return [name, { dtype, shape, data_offsets: [begin, at] }] as const;
  });
  const json = utf8(JSON.stringify(Object.fromEntries(entries)));
  const header = parseSafetensorsHeader(json, 8 + json.length + at);
  return header.ok ? header.value : null;
}

function entriesOf(bytes: Uint8Array): readonly (readonly [string, Uint8Array])[] {
  const zip = readZip(bytes);
  if (!zip.ok) throw new Error(zip.detail);
  return zip.value.names.map((name) => [name, entryOf(zip.value, name)] as const);
}

function entryOf(zip: ZipFile, name: string): Uint8Array {
  const data = zip.read(name);
  if (!data.ok) throw new Error(data.detail);
  return data.value ?? new Uint8Array();
}

/** A file with one entry changed and its checksums right. */
function spoilEntry(random: Random): Uint8Array {
  const entries = oneOf(ENTRIES, random);
  const spoiled = oneOf(entries, random);
  return writeZip(
    entries.map((entry) => (entry === spoiled ? [entry[0], mutateBytes(entry[1], random)] : entry)),
  );
}

function tensorsIn(root: PickleValue): readonly StridedTensor[] {
  const seen = new Set<PickleValue>();
  const open: PickleValue[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value.kind === 'dict') open.push(...value.entries.values());
    if (value.kind === 'list' || value.kind === 'tuple') open.push(...value.items);
  }
  return [...seen].filter(
    (value) => typeof value === 'object' && value?.kind === 'tensor',
  ) as StridedTensor[];
}

function mustLieInside({ storage, offset, shape, strides }: StridedTensor): void {
  if (shape.includes(0)) return;
  const last = shape.reduce((sum, extent, i) => sum + (extent - 1) * (strides[i] as number), offset);
  must(offset >= 0 && last < storage.elements, 'a tensor outside its storage');
}

function mustBeEdits(draft: ReturnType<typeof draftSteering>): void {
  if (!draft.ok) return;
  const { edits } = interventionSchema.shape;
  must(edits.safeParse(draft.value.edits).success, 'edits that are no manifest');
}
