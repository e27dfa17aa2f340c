import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pattern } from './golden-tree.ts';

const MIB = 1_048_576;

export interface GeneratedTree {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
}

const file = (path: string, sizeBytes: number) => ({ path, content: pattern(sizeBytes) });

/** Sizes at which a leaf, or nothing at all, begins. */
const SIZES = [
  0,
  1,
  255,
  256,
  65_535,
  65_536,
  MIB - 1,
  MIB,
  MIB + 1,
  2 * MIB - 1,
  2 * MIB,
  2 * MIB + 1,
  5 * MIB + 7,
];
const NAMES = [
  'модель',
  '模型',
  'モデル',
  '모델',
  'نموذج',
  'דגם',
  'μοντέλο',
  'मॉडल',
  'மாதிரி',
  'mô hình',
  '🧠',
  'e\u0301',
  'ß',
  'a b+c%20',
  '~',
];

/** Directories of the kinds that checkpoints are made of, the same on every machine. */
export const GENERATED_TREES: readonly GeneratedTree[] = [
  ...SIZES.map((size) => ({ name: `one file of ${size} bytes`, files: [file('model.safetensors', size)] })),
  ...NAMES.map((name) => ({
    name: `names of ${name}`,
    files: [file(`${name}.json`, 10), file(`${name}/${name}.txt`, 20), file(`z/${name}`, MIB + 3)],
  })),
  { name: 'all sizes together', files: SIZES.map((size, i) => file(`part-${i}`, size)) },
  { name: 'all names together', files: NAMES.map((name, i) => file(name, i)) },
  {
    name: 'many small files',
    files: Array.from({ length: 1_000 }, (_, i) => file(`shard/${i}.json`, i % 97)),
  },
  { name: 'empty files alone', files: Array.from({ length: 20 }, (_, i) => file(`empty-${i}`, 0)) },
  { name: 'folders in folders', files: [file('a/b/c/d/e/f/g/h/i/j/k/l.txt', 5), file('a/b/c.txt', MIB)] },
  { name: 'one leaf many times', files: Array.from({ length: 9 }, (_, i) => file(`copy-${i}`, MIB)) },
];

export async function writeTree(root: string, tree: GeneratedTree): Promise<void> {
  for (const { path, content } of tree.files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}
