import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../../protocols/base/bytes.ts';
import { readPickle } from '../../../services/verifier/importers/torch/pickle.ts';
import { takeTensor } from '../../../services/verifier/importers/torch/torch-file.ts';
import { readZip } from '../../../services/verifier/importers/torch/zip.ts';
import { expectation, importFixtures } from '../../support/verifier/import-fixtures.ts';
import { writeZip } from '../../support/verifier/write-zip.ts';

const { tensors } = await expectation();
const file = async (name: string): Promise<Uint8Array> => readFile(join(importFixtures, 'pt', `${name}.pt`));

describe('a tensor is what PyTorch makes of it', () => {
  it.each<[string, readonly string[], readonly number[]]>([
    ['plain', [], []],
    ['view', [], []],
    ['column', [], []],
    ['bf16', [], []],
    ['f16', [], []],
    ['parameter', [], []],
    ['expanded', [], []],
    ['empty', [], []],
    ['nested', ['directions', '13'], [3]],
    ['state-dict', ['weight'], [1]],
  ])('%s', async (name, path, rows) => {
    const taken = takeTensor(await file(name), path, rows);
    const expected = tensors.get(`pt/${name}`);
    expect(taken).toEqual({ ok: true, value: { shape: expected?.shape, data: expected?.data } });
  });

  it('a matrix through its transposition', async () => {
    const taken = takeTensor(await file('nested'), ['directions', '13'], []);
    const row = tensors.get('pt/nested')?.data;
    expect(taken.ok && taken.value.shape).toEqual([4, 32]);
    expect(taken.ok && taken.value.data.slice(96)).toEqual(row);
  });
});

/** Protocol 2, and these opcodes. */
const pickle = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  concatBytes(
    Uint8Array.of(0x80, 2),
    ...parts.map((part) => (typeof part === 'string' ? utf8(part) : Uint8Array.from(part))),
  );
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;

describe('a pickle', () => {
  it('of plain values is read', () => {
    const read = readPickle(pickle(`}(${text('a')}NK`, [7], [0x8a, 1, 0xff], 'u.'));
    expect(read.ok && read.value).toEqual({
      kind: 'dict',
      entries: new Map<string | number, unknown>([
        ['a', null],
        [7, -1],
      ]),
    });
  });

  it('that contains itself is read, and nothing found in it', () => {
    const bytes = writeZip([['a/data.pkl', pickle(']q', [0], 'h', [0], 'a.')]]);
    expect(takeTensor(bytes, ['0', '0', '0'], [])).toMatchObject({ reason: 'torch-tensor-missing' });
  });

  it.each<[string, string, Uint8Array]>([
    ['pickle-opcode-refused', 'STACK_GLOBAL', pickle(`${text('os')}${text('system')}`, [0x93], '.')],
    ['pickle-opcode-refused', 'INST', pickle('(ios\nsystem\n.')],
    ['pickle-opcode-refused', 'OBJ', pickle('(No.')],
    ['pickle-opcode-refused', 'NEWOBJ', pickle('))', [0x81], '.')],
    ['pickle-opcode-refused', 'EXT1', pickle([0x82, 1], '.')],
    ['pickle-opcode-refused', 'PERSID', pickle('Pname\n.')],
    ['pickle-opcode-refused', 'LONG4', pickle([0x8b, 1, 0, 0, 0, 1], '.')],
    ['pickle-opcode-refused', 'attributes of a list', pickle(']}b.')],
    ['pickle-opcode-refused', 'another protocol', Uint8Array.of(0x80, 4, 0x4e, 0x2e)],
    ['pickle-global-refused', 'posix.system', pickle('cposix\nsystem\n.')],
    ['pickle-global-refused', 'builtins.eval', pickle('c__builtin__\neval\n.')],
    ['pickle-global-refused', 'torch.load', pickle('ctorch\nload\n.')],
    ['pickle-global-refused', 'a name of Object', pickle('ctorch\n__proto__\n.')],
    ['pickle-global-refused', 'storages of no type', pickle('ctorch.storage\nUntypedStorage\n.')],
    ['pickle-invalid', 'an odd number of entries', pickle(`}(${text('a')}u.`)],
    ['pickle-invalid', 'a call of a number', pickle('K', [1], ')R.')],
    ['pickle-invalid', 'an OrderedDict of something', pickle('ccollections\nOrderedDict\nN', [0x85], 'R.')],
    ['pickle-invalid', 'a persistent id that is no storage', pickle(')Q.')],
    ['pickle-invalid', 'nothing remembered', pickle('h', [3], '.')],
    ['pickle-invalid', 'an empty stack', pickle('.')],
    ['pickle-invalid', 'below a mark', pickle('N(', [0x85], '.')],
    ['pickle-invalid', 'something left', pickle('NN.')],
    ['pickle-invalid', 'something behind', pickle('N.N')],
    ['pickle-truncated', 'no end', pickle('N')],
    ['pickle-truncated', 'a text past the end', pickle('X', [0xff, 0xff, 0xff, 0xff], 'a.')],
    ['pickle-truncated', 'an endless name', pickle('ctorch')],
  ])('%s: %s', (reason, _name, bytes) => {
    expect(readPickle(bytes)).toMatchObject({ ok: false, reason });
  });
});

/** One tensor over a storage of four floats. */
function tensorOf(view: {
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}) {
  const count = (n: number) => [
    0x8a,
    6,
    ...Array.from({ length: 6 }, (_, i) => Math.floor(n / 256 ** i) % 256),
  ];
  const tuple = (list: readonly number[]) => ['(', ...list.map(count), 't'];
  const storage = [`(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}`, count(4), 'tQ'];
  const body = ['ctorch._utils\n_rebuild_tensor_v2\n(', ...storage, count(view.offset ?? 0)];
  return pickle(...body, ...tuple(view.shape), ...tuple(view.strides), 'NNtR.');
}

describe('a file', () => {
  const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const take = (entries: Parameters<typeof writeZip>[0]) => takeTensor(writeZip(entries), [], []);
  const plain = tensorOf({ shape: [2, 2], strides: [1, 2] });

  it('of a transposed tensor', () => {
    const taken = take([
      ['a/data.pkl', plain],
      ['a/data/0', data],
    ]);
    expect(taken).toEqual({ ok: true, value: { shape: [2, 2], data: Float32Array.of(1, 3, 2, 4) } });
  });

  it.each<[string, string, Parameters<typeof writeZip>[0]]>([
    ['torch-file-invalid', 'no pickle', [['a/data/0', data]]],
    [
      'torch-file-invalid',
      'two pickles',
      [
        ['a/data.pkl', plain],
        ['b/data.pkl', plain],
      ],
    ],
    ['torch-file-invalid', 'no storage', [['a/data.pkl', plain]]],
    [
      'torch-file-invalid',
      'a short storage',
      [
        ['a/data.pkl', plain],
        ['a/data/0', data.subarray(4)],
      ],
    ],
    [
      'torch-big-endian',
      'big',
      [
        ['a/data.pkl', plain],
        ['a/byteorder', utf8('big')],
        ['a/data/0', data],
      ],
    ],
    [
      'torch-script',
      'code',
      [
        ['a/data.pkl', plain],
        ['a/code/b.py', data],
      ],
    ],
    ['pickle-invalid', 'past its storage', [['a/data.pkl', tensorOf({ shape: [2], strides: [4] })]]],
    [
      'pickle-invalid',
      'an offset past it',
      [['a/data.pkl', tensorOf({ offset: 4, shape: [1], strides: [1] })]],
    ],
    ['pickle-invalid', 'fewer strides', [['a/data.pkl', tensorOf({ shape: [1, 1], strides: [1] })]]],
    [
      'torch-tensor-too-large',
      'one number many times',
      [
        ['a/data.pkl', tensorOf({ shape: [2 ** 40], strides: [0] })],
        ['a/data/0', data],
      ],
    ],
  ])('%s: %s', (reason, _name, entries) => {
    expect(take(entries)).toMatchObject({ ok: false, reason });
  });
});

describe('a ZIP file', () => {
  const one = writeZip([['name', utf8('data')]]);
  const edited = (at: number, ...bytes: readonly number[]): Uint8Array => {
    const copy = one.slice();
    copy.set(bytes, at);
    return copy;
  };
  const central = 30 + 4 + 4;

  it.each<[string, Uint8Array]>([
    ['zip-invalid', new Uint8Array()],
    ['zip-invalid', one.subarray(0, one.length - 1)],
    ['zip-invalid', concatBytes(one, Uint8Array.of(0))],
    ['zip-invalid', edited(central, 0)],
    ['zip-invalid', edited(0, 0)],
    // encrypted
    ['zip-invalid', edited(central + 8, 1)],
    // longer than the file
    ['zip-invalid', edited(central + 20, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0)],
    [
      'zip-name-repeated',
      writeZip([
        ['a', utf8('1')],
        ['a', utf8('2')],
      ]),
    ],
  ])('%s', (reason, bytes) => {
    expect(readZip(bytes)).toMatchObject({ ok: false, reason });
  });

  it('two entries over one another', () => {
    const two = writeZip([
      ['a', utf8('12345678')],
      ['b', utf8('12345678')],
    ]);
    const secondOffset = two.length - 22 - 1 - 4;
    const copy = two.slice();
    new DataView(copy.buffer).setUint32(secondOffset, 0, true);
    expect(readZip(copy)).toMatchObject({ ok: false, reason: 'zip-overlap' });
  });

  it('a changed or packed entry is not given out', () => {
    const read = (bytes: Uint8Array) => {
      const zip = readZip(bytes);
      return zip.ok ? zip.value.read('name') : zip;
    };
    expect(read(one)).toEqual({ ok: true, value: utf8('data') });
    expect(read(edited(34, 0x44))).toMatchObject({ ok: false, reason: 'zip-checksum-wrong' });
    expect(read(edited(central + 10, 8))).toMatchObject({ ok: false, reason: 'zip-compressed' });
  });
});
