import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DTYPE_BYTES, type Dtype, isFloating } from '../../../protocols/artifacts/dtypes.ts';
import { parseSafetensorsHeader, type SafetensorsHeader } from '../../../protocols/artifacts/index.ts';
import { lookForNonFinite, surveyDirectory } from '../../../services/checkpoints/index.ts';
import { areFinite } from '../../../services/checkpoints/inspect/finite-weights.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { writeSafetensors } from '../../support/checkpoints/safetensors.ts';

const signal = new AbortController().signal;

/** One number of each type that is not finite, and the largest that is, as little-endian bytes. */
const NUMBERS: readonly (readonly [Dtype, what: string, bytes: readonly number[], finite: boolean])[] = [
  ['F16', 'infinity', [0x00, 0x7c], false],
  ['F16', 'NaN', [0x01, 0x7e], false],
  ['F16', 'the most negative', [0xff, 0xfb], true],
  ['BF16', 'minus infinity', [0x80, 0xff], false],
  ['BF16', 'NaN', [0xc0, 0x7f], false],
  ['BF16', 'the largest', [0x7f, 0x7f], true],
  ['F32', 'NaN', [1, 0, 0x80, 0x7f], false],
  ['F32', 'the largest', [0xff, 0xff, 0x7f, 0x7f], true],
  ['F64', 'minus infinity', [0, 0, 0, 0, 0, 0, 0xf0, 0xff], false],
  ['F64', 'low words of a NaN', [0, 0, 0xf0, 0x7f, 0, 0, 0, 0], true],
  ['F8_E5M2', 'infinity', [0x7c], false],
  ['F8_E4M3', 'NaN', [0xff], false],
  ['F8_E4M3', 'the largest', [0x7e], true],
  ['I32', 'a pattern of NaN in an integer', [1, 0, 0x80, 0x7f], true],
];

describe('weights that are no numbers', () => {
  it.each(NUMBERS)('%s: %s', (dtype, _what, number, finite) => {
    for (const at of [0, 1, 6, 7]) {
      const bytes = new Uint8Array(8 * DTYPE_BYTES[dtype]);
      bytes.set(number, at * DTYPE_BYTES[dtype]);
      expect(areFinite(bytes, dtype)).toBe(finite);
    }
  });

  it('judges every 16-bit pattern as the formats do', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const bytes = Uint8Array.of(bits & 0xff, bits >> 8);
      expect(areFinite(bytes, 'BF16')).toBe((bits & 0x7f80) !== 0x7f80);
      expect(areFinite(bytes, 'F16')).toBe((bits & 0x7c00) !== 0x7c00);
    }
  });

  it.each(['F8_E5M2', 'F16', 'BF16', 'F32', 'F64'] as const)(
    'finds one number of %s wherever tensors and chunks begin',
    (dtype) => {
      const number = NUMBERS.find(([type, , , finite]) => type === dtype && !finite)?.[2] ?? [];
      expect(isFloating(dtype)).toBe(true);
      // an odd tensor first, so that the second begins at no multiple of its size
      const header = headerOf({
        pad: { dtype: 'U8', shape: [3], data_offsets: [0, 3] },
        w: { dtype, shape: [20], data_offsets: [3, 3 + 20 * DTYPE_BYTES[dtype]] },
      });
      const { fileOffset, byteLength } = header.tensors.get('w') ?? { fileOffset: 0, byteLength: 0 };
      for (const chunkBytes of [1, 3, 7, 16, 64, 1_000])
        for (const element of [0, 1, 10, 19]) {
          const file = new Uint8Array(fileOffset + byteLength);
          expect(stops(file, header, chunkBytes)).toBe(false);
          file.set(number, fileOffset + element * number.length);
          expect(stops(file, header, chunkBytes)).toBe(true);
        }
    },
  );

  it('stops the pass over a directory', async () => {
    const folder = await freshFolder();
    const weights = new Float32Array(1_000_000).fill(0.5);
    weights[999_999] = Number.NaN;
    const path = join(folder, 'model.safetensors');
    const header = await writeSafetensors(path, { w: weights });
    const look = (name: string) => (name === 'model.safetensors' ? lookForNonFinite(name, header) : null);
    await expect(surveyDirectory(folder, { signal, look })).rejects.toMatchObject({
      code: 'checkpoint-invalid',
      details: { reason: 'weights-not-finite' },
    });
    await writeFile(path, '');
    await writeSafetensors(path, { w: weights.fill(0.5) });
    expect((await surveyDirectory(folder, { signal, look })).files).toHaveLength(1);
  });
});

function headerOf(json: object): SafetensorsHeader {
  const bytes = Buffer.from(JSON.stringify(json));
  const ends = Object.values(json).map((entry: { data_offsets: number[] }) => entry.data_offsets[1] ?? 0);
  const parsed = parseSafetensorsHeader(bytes, 8 + bytes.length + Math.max(...ends));
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

function stops(file: Uint8Array, header: SafetensorsHeader, chunkBytes: number): boolean {
  const look = lookForNonFinite('model.safetensors', header);
  try {
    for (let at = 0; at < file.length; at += chunkBytes) look(file.slice(at, at + chunkBytes), at);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'checkpoint-invalid', details: { reason: 'weights-not-finite' } });
    return true;
  }
}
