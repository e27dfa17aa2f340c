import { execFile } from 'node:child_process';
import { copyFile, mkdir, open, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SHARD = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

type Spoil = (folder: string) => Promise<unknown>;
type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
type Header = Record<string, Entry>;

/** What an attacker, or a bad disk, makes of a release, and the reason for which it is refused. */
export const HOSTILE_CHECKPOINTS: readonly (readonly [what: string, reason: string, spoil: Spoil])[] = [
  ['a signature of another', 'signature-foreign', put('model.sig', '{}')],
  ['a pickle, by its name', 'pickle', put('pytorch_model.bin', 'x')],
  ['a pickle under another name', 'pickle', put('notes.txt', Uint8Array.of(0x80, 4, 0x95, 0))],
  ['a pickle in a zip', 'pickle', put('scripts/data.txt', 'PK\x03\x04rest')],
  ['weights that are a link', 'symlink', replaceByLink(SHARD, '/etc/hosts')],
  ['a link to what is beside it', 'symlink', (folder) => symlink('LICENSE', join(folder, 'licence-too'))],
  ['a link out of the directory', 'symlink', (folder) => symlink('../..', join(folder, 'up'))],
  ['a link that leads nowhere', 'symlink', (folder) => symlink('nowhere', join(folder, 'scripts', 'x'))],
  ['a pipe', 'special-file', (folder) => promisify(execFile)('mkfifo', [join(folder, 'pipe')])],
  ['a name of Windows drives', 'name-invalid', put('c:model.txt', 'x')],
  ['a name with a backslash', 'name-invalid', put('scripts\\..\\..\\model.txt', 'x')],
  ['a name of a device', 'name-invalid', put('CON.txt', 'x')],
  ['a name that ends in a dot', 'name-invalid', put('model.txt.', 'x')],
  ['a name that turns the line around', 'name-invalid', put('model\u202etxt.exe', 'x')],
  [
    'a name that is no UTF-8',
    'name-invalid',
    (folder) => writeFile(Buffer.concat([Buffer.from(`${folder}/model`), Buffer.of(0xff)]), 'x'),
  ],
  ['two names in case alone', 'name-collision', put('readme.md', 'x')],
  ['folders without end', 'too-deep', (folder) => mkdir(join(folder, 'a/'.repeat(40)), { recursive: true })],
  ['a header that claims a petabyte', 'safetensors-header-too-large', prefix(2n ** 50n)],
  ['a header beyond the file', 'safetensors-truncated', prefix(90_000_000n)],
  ['a tensor named twice', 'safetensors-name-repeated', editText((json, [a, b]) => json.replace(b, a))],
  ['tensors that overlap', 'safetensors-not-contiguous', editHeader(([, b]) => move(b, -2))],
  ['tensors in one place', 'safetensors-not-contiguous', editHeader(([a, b]) => void Object.assign(b, a))],
  ['offsets beyond the file', 'safetensors-offsets-invalid', editHeader(([a]) => move(a, 2 ** 40))],
  [
    'offsets that run backwards',
    'safetensors-offsets-invalid',
    editHeader(([a]) => void a.data_offsets.reverse()),
  ],
  [
    'offsets that are no numbers',
    'safetensors-offsets-invalid',
    editHeader(([a]) => void Object.assign(a, { data_offsets: ['0', '4'] })),
  ],
  ['a shape of more than its bytes', 'safetensors-size-mismatch', editHeader(([a]) => void a.shape.push(2))],
  [
    'a shape that overflows',
    'safetensors-shape-invalid',
    editHeader(([a]) => void Object.assign(a, { shape: [2 ** 32, 2 ** 32, 2 ** 32] })),
  ],
  [
    'a negative shape',
    'safetensors-shape-invalid',
    editHeader(([a]) => void Object.assign(a, { shape: [-1] })),
  ],
  [
    'a type of numbers that is none',
    'safetensors-dtype-unknown',
    editHeader(([a]) => void Object.assign(a, { dtype: '__proto__' })),
  ],
  ['a NaN among the weights', 'weights-not-finite', number([0x01, 0x7e])],
  ['an infinity among the weights', 'weights-not-finite', number([0x00, 0xfc])],
  ['a shard cut short', 'safetensors-truncated', (folder) => truncate(join(folder, SHARD), 400_000)],
  ['a shard of nothing', 'safetensors-truncated', (folder) => truncate(join(folder, SHARD), 0)],
  ['bytes after the last tensor', 'safetensors-not-contiguous', append],
  [
    'weights that belong to no part',
    'weights-unlisted',
    (folder) => copyFile(...pair(folder, 'more.safetensors')),
  ],
  [
    'an index of files that are not there',
    'index-file-missing',
    index(() => 'model-00001-of-00009.safetensors'),
  ],
  ['an index that leads out', 'index-invalid', index(() => `../analog/${SHARD}`)],
  [
    'an index of tensors that are not there',
    'index-tensor-missing',
    index((name) => name, { 'model.layers.99.mlp.up_proj.weight': SHARD }),
  ],
  [
    'an index that leaves tensors out',
    'index-invalid',
    put(INDEX, weightMap({ 'model.norm.weight': SHARD })),
  ],
  ['one tensor in two shards', 'index-tensor-repeated', twoShards],
  ['an index that is none', 'index-invalid', put(INDEX, '{"weight_map":[]}')],
  ['no weights', 'safetensors-missing', (folder) => rm(join(folder, SHARD))],
  ['a configuration that is none', 'config-invalid', put('config.json', '{"model_type":')],
  ['a width of nothing', 'config-invalid', editConfig({ hidden_size: 0 })],
  ['no tokenizer', 'tokenizer-missing', (folder) => rm(join(folder, 'tokenizer.json'))],
  ['a tokenizer that is none', 'tokenizer-invalid', put('tokenizer.json', '[]')],
];

function put(path: string, content: string | Uint8Array): Spoil {
  return (folder) => writeFile(join(folder, path), content);
}

function pair(folder: string, other: string): readonly [string, string] {
  return [join(folder, SHARD), join(folder, other)];
}

function replaceByLink(path: string, target: string): Spoil {
  return async (folder) => {
    await rm(join(folder, path));
    await symlink(target, join(folder, path));
  };
}

async function append(folder: string): Promise<void> {
  await using file = await open(join(folder, SHARD), 'a');
  await file.write(Buffer.of(0));
}

function prefix(length: bigint): Spoil {
  return async (folder) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(length);
    await using file = await open(join(folder, SHARD), 'r+');
    await file.write(bytes, 0, 8, 0);
  };
}

/** Puts a number of 16 bits in place of the last weight. */
function number(bytes: readonly [number, number]): Spoil {
  return async (folder) => {
    await using file = await open(join(folder, SHARD), 'r+');
    await file.write(Buffer.from(bytes), 0, 2, (await file.stat()).size - 2);
  };
}

function move({ data_offsets: offsets }: Entry, bytes: number): void {
  offsets[0] += bytes;
  offsets[1] += bytes;
}

/** Changes the JSON of the header, whatever its length becomes, given the names of its first two tensors. */
function editText(edit: (json: string, names: readonly [string, string]) => string): Spoil {
  return async (folder) => {
    const bytes = await readFile(join(folder, SHARD));
    const end = 8 + Number(bytes.readBigUInt64LE());
    const json = bytes.subarray(8, end).toString();
    const [a = '', b = ''] = byPlace(JSON.parse(json) as Header).map(([name]) => name);
    const changed = Buffer.from(edit(json, [a, b]));
    if (changed.equals(bytes.subarray(8, end))) throw new Error('nothing was changed');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(changed.length));
    await writeFile(join(folder, SHARD), Buffer.concat([length, changed, bytes.subarray(end)]));
  };
}

/** Changes the first two tensors of the file. */
function editHeader(edit: (entries: readonly [Entry, Entry]) => void): Spoil {
  return editText((json) => {
    const header = JSON.parse(json) as Header;
    const [first, second] = byPlace(header).map(([, entry]) => entry);
    edit([first as Entry, second as Entry]);
    return JSON.stringify(header);
  });
}

function byPlace(header: Header): readonly (readonly [string, Entry])[] {
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
}

function weightMap(map: Readonly<Record<string, string>>): string {
  return JSON.stringify({ weight_map: map });
}

/** An index that places every tensor. */
function index(fileOf: (shard: string) => string, more: Readonly<Record<string, string>> = {}): Spoil {
  return async (folder) => {
    const bytes = await readFile(join(folder, SHARD));
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as Header;
    const places = byPlace(header).map(([name]) => [name, fileOf(SHARD)]);
    await writeFile(join(folder, INDEX), weightMap({ ...Object.fromEntries(places), ...more }));
  };
}

/** The same tensors in two files, and an index that names both. */
async function twoShards(folder: string): Promise<void> {
  await index(() => 'model-1.safetensors', { another: 'model-2.safetensors' })(folder);
  await rename(...pair(folder, 'model-1.safetensors'));
  await copyFile(join(folder, 'model-1.safetensors'), join(folder, 'model-2.safetensors'));
}

function editConfig(change: object): Spoil {
  return async (folder) => {
    const path = join(folder, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...config, ...change }));
  };
}
