import { describe, expect, it } from 'vitest';
import {
  countParameters,
  parseSafetensorsHeader,
  readHeaderLength,
  type SafetensorsHeader,
} from '../../../protocols/artifacts/index.ts';
import { utf8 } from '../../../protocols/base/bytes.ts';

/** Parses a header over a file with `dataBytes` of tensor data. */
const parse = (header: string | object, dataBytes: number) => {
  const bytes = utf8(typeof header === 'string' ? header : JSON.stringify(header));
  return parseSafetensorsHeader(bytes, 8 + bytes.length + dataBytes);
};
const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

function accepted(header: string | object, dataBytes: number): SafetensorsHeader {
  const parsed = parse(header, dataBytes);
  if (!parsed.ok) throw new Error(`${parsed.reason}: ${parsed.detail}`);
  return parsed.value;
}

describe('parseSafetensorsHeader accepts', () => {
  it('tensors that cover the data, in any order of names, with metadata', () => {
    const header = accepted({ __metadata__: { format: 'pt' }, b: f32([2], 4, 12), a: f32([], 0, 4) }, 12);
    expect(header.metadata.get('format')).toBe('pt');
    const b = header.tensors.get('b');
    const a = header.tensors.get('a');
    expect(b).toMatchObject({ shape: [2], byteLength: 8 });
    expect((b?.fileOffset ?? 0) - (a?.fileOffset ?? 0)).toBe(4);
  });
  it('an empty tensor between others', () => {
    expect(accepted({ a: f32([1], 0, 4), none: f32([0, 7], 4, 4), b: f32([1], 4, 8) }, 8).tensors.size).toBe(
      3,
    );
  });
  it('a header padded with spaces, and no tensors at all', () => {
    expect(accepted('{}       ', 0).tensors.size).toBe(0);
  });
  it('names that are properties of every object', () => {
    const header = '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect([...accepted(header, 4).tensors.keys()]).toEqual(['__proto__']);
  });
});

describe('parseSafetensorsHeader refuses', () => {
  it.each<[string, string | object, number, string]>([
    ['nothing', '', 0, 'safetensors-header-invalid'],
    ['no JSON', '{"a":', 0, 'safetensors-header-invalid'],
    ['a list', '[]', 0, 'safetensors-header-invalid'],
    ['a leading space', ' {}', 0, 'safetensors-header-invalid'],
    ['deep nesting', `{"a":${'['.repeat(50_000)}`, 0, 'safetensors-header-invalid'],
    ['an entry that is no object', { a: 3 }, 0, 'safetensors-header-invalid'],
    ['an entry with a field more', { a: { ...f32([1], 0, 4), x: 1 } }, 4, 'safetensors-header-invalid'],
    ['an entry with a field less', { a: { dtype: 'F32', shape: [1] } }, 4, 'safetensors-header-invalid'],
    ['metadata that is no text', { __metadata__: { a: 1 } }, 0, 'safetensors-header-invalid'],
    [
      'one name twice',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      'safetensors-name-repeated',
    ],
    [
      'one name twice, once escaped',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      'safetensors-name-repeated',
    ],
    [
      'one field twice',
      '{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,4]}}',
      4,
      'safetensors-name-repeated',
    ],
    ['an unknown dtype', { a: { ...f32([1], 0, 4), dtype: 'F31' } }, 4, 'safetensors-dtype-unknown'],
    [
      'a dtype that is a property of every object',
      { a: { ...f32([1], 0, 4), dtype: 'toString' } },
      4,
      'safetensors-dtype-unknown',
    ],
    ['a negative extent', { a: f32([-1], 0, 4) }, 4, 'safetensors-shape-invalid'],
    ['half an extent', { a: f32([0.5], 0, 2) }, 2, 'safetensors-shape-invalid'],
    ['a shape that is no list', { a: f32(1, 0, 4) }, 4, 'safetensors-shape-invalid'],
    ['nine dimensions', { a: f32([1, 1, 1, 1, 1, 1, 1, 1, 1], 0, 4) }, 4, 'safetensors-shape-invalid'],
    ['a product beyond 2^53', { a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4, 'safetensors-shape-invalid'],
    [
      'a product that wraps to 4 in 64 bits',
      { a: f32([2 ** 32, 2 ** 32], 0, 4) },
      4,
      'safetensors-shape-invalid',
    ],
    ['a petabyte', { a: f32([2 ** 48], 0, 2 ** 50) }, 4, 'safetensors-offsets-invalid'],
    ['an end beyond the file', { a: f32([2], 0, 8) }, 4, 'safetensors-offsets-invalid'],
    ['a negative begin', { a: f32([1], -4, 0) }, 4, 'safetensors-offsets-invalid'],
    ['an end before its begin', { a: f32([1], 4, 0) }, 4, 'safetensors-offsets-invalid'],
    ['an offset that is no number', { a: f32([1], '0', 4) }, 4, 'safetensors-offsets-invalid'],
    [
      'an offset beyond 2^53',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[9007199254740993,9007199254740997]}}',
      4,
      'safetensors-offsets-invalid',
    ],
    [
      'an infinite offset',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1e999]}}',
      4,
      'safetensors-offsets-invalid',
    ],
    [
      'three offsets',
      { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } },
      8,
      'safetensors-offsets-invalid',
    ],
    ['fewer bytes than the shape says', { a: f32([2], 0, 4) }, 4, 'safetensors-size-mismatch'],
    ['more bytes than the shape says', { a: f32([1], 0, 8) }, 8, 'safetensors-size-mismatch'],
    ['tensors that overlap', { a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12, 'safetensors-not-contiguous'],
    [
      'two tensors on the same bytes',
      { a: f32([1], 0, 4), b: f32([1], 0, 4) },
      4,
      'safetensors-not-contiguous',
    ],
    ['a hole', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, 'safetensors-not-contiguous'],
    ['a hole at the start', { a: f32([1], 4, 8) }, 8, 'safetensors-not-contiguous'],
    ['bytes after the last tensor', { a: f32([1], 0, 4) }, 5, 'safetensors-not-contiguous'],
  ])('%s', (_, header, dataBytes, reason) => {
    expect(parse(header, dataBytes)).toMatchObject({ ok: false, reason });
  });

  it('every flipped or cut byte without throwing', () => {
    const header = utf8(
      JSON.stringify({ __metadata__: { a: 'b' }, w: f32([2, 3], 0, 24), v: f32([1], 24, 28) }),
    );
    const size = 8 + header.length + 28;
    for (let at = 0; at < header.length; at++) {
      expect(parseSafetensorsHeader(header.slice(0, at), size).ok).toBe(false);
      for (const value of [0, 0x22, 0x5c, 0x7b, 0x39, 0xff]) {
        const spoiled = header.slice();
        spoiled[at] = value;
        expect(() => parseSafetensorsHeader(spoiled, size)).not.toThrow();
      }
    }
  });
});

describe('readHeaderLength', () => {
  const prefix = (length: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };
  it('reads the length, also from the middle of a buffer', () => {
    const inside = Uint8Array.of(9, 9, ...prefix(5n)).subarray(2);
    expect(readHeaderLength(inside, 100)).toEqual({ ok: true, value: 5 });
  });
  it.each<[string, Uint8Array, number, string]>([
    ['a file shorter than the length', Uint8Array.of(1, 2), 2, 'safetensors-truncated'],
    ['a header longer than the file', prefix(93n), 100, 'safetensors-truncated'],
    ['a header over the limit', prefix(100_000_001n), 2 ** 40, 'safetensors-header-too-large'],
    ['2^64 - 1', prefix(2n ** 64n - 1n), 100, 'safetensors-header-too-large'],
  ])('refuses %s', (_, bytes, size, reason) => {
    expect(readHeaderLength(bytes, size)).toMatchObject({ ok: false, reason });
  });
});

describe('countParameters', () => {
  it('counts floating tensors once, and a tied head not again', () => {
    const header = accepted(
      {
        'model.embed_tokens.weight': f32([4, 2], 0, 32),
        'lm_head.weight': f32([4, 2], 32, 64),
        'layers.0.rotary_emb.inv_freq': f32([1], 64, 68),
        ids: { dtype: 'I64', shape: [1], data_offsets: [68, 76] },
      },
      76,
    );
    expect(countParameters([header], { tied: false })).toBe(16);
    expect(countParameters([header], { tied: true })).toBe(8);
    expect(countParameters([header, header], { tied: true })).toBe(16);
  });
  it('counts no masks, but biases of that name', () => {
    const header = accepted(
      {
        'h.0.attn.bias': f32([1, 1, 2, 2], 0, 16),
        'h.0.attn.masked_bias': f32([], 16, 20),
        'h.0.attn.c_attn.bias': f32([3], 20, 32),
        'layers.0.attention.bias': f32([2], 32, 40),
        'embed_out.weight': f32([1, 2], 40, 48),
      },
      48,
    );
    expect(countParameters([header], { tied: false })).toBe(7);
    expect(countParameters([header], { tied: true })).toBe(5);
  });
});
