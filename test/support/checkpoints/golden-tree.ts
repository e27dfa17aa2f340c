import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const MIB = 1_048_576;

/** Bytes that differ from leaf to leaf and from page to page, the same on every machine. */
export function pattern(lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let i = 0; i < lengthBytes; i++) bytes[i] = (i + (i >>> 8) * 7 + (i >>> 16) * 31 + (i >>> 20)) & 0xff;
  return bytes;
}

/** What `ipfs add --cid-version=1 --raw-leaves --chunker=size-1048576 --max-file-links=1024` of Kubo 0.39.0 printed. */
export const GOLDEN: readonly {
  readonly path: string;
  readonly content: Uint8Array;
  readonly cid: string;
}[] = [
  { path: 'empty', content: pattern(0), cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' },
  {
    path: 'one-byte',
    content: pattern(1),
    cid: 'bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu',
  },
  {
    path: 'one-leaf',
    content: pattern(MIB),
    cid: 'bafkreibg5ragzhspdibo47c3gmfky6emzcg3xrzmaajhabmgnmma2atvoe',
  },
  {
    path: 'one-leaf-and-a-byte',
    content: pattern(MIB + 1),
    cid: 'bafybeifme4sp2pfvike3ya5ehivft32tik5pzld64mxu3cngvsomoy6pbq',
  },
  {
    path: 'three-leaves',
    content: pattern(3 * MIB),
    cid: 'bafybeiadptsm4uf4qbzelodui35xv3so6bsm3jhsydjwy7wdeq7wbxd4ra',
  },
  {
    path: 'folder/inner/a.txt',
    content: new TextEncoder().encode('a\n'),
    cid: 'bafkreiehikh4kiuahuyqmxt3zy6pap7eouewmmpf4b5326qp3zqmjtzfy4',
  },
];

/** The directory of the files above, an empty folder `folder/none`, and `many/000` to `many/299` holding their names. */
export const GOLDEN_TREE_CID = 'bafybeiaipact6tb4pz4mqhw46wihxfytpud6qfka7v63b6v5t3y3jkrkgq';
/** 1 GiB of zeros and one more: two levels of nodes. */
export const GOLDEN_TWO_LEVELS_CID = 'bafybeigx4uyebjbq65346xh6cjrt6yshbdudzudhnqecwbzvymslxj7gje';

/** Writes the tree, its entries in the order given by `reverse`; with `few`, without `many`. */
export async function writeGoldenTree(
  root: string,
  options: { readonly reverse?: boolean; readonly few?: boolean } = {},
): Promise<void> {
  const many = Array.from({ length: 300 }, (_, i) => {
    const name = String(i).padStart(3, '0');
    return { path: `many/${name}`, content: new TextEncoder().encode(name) };
  });
  const files = options.few === true ? [...GOLDEN] : [...GOLDEN, ...many];
  for (const file of options.reverse === true ? files.reverse() : files) {
    await mkdir(dirname(join(root, file.path)), { recursive: true });
    await writeFile(join(root, file.path), file.content);
  }
  await mkdir(join(root, 'folder/none'), { recursive: true });
}
