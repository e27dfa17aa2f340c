import { writeFile } from 'node:fs/promises';
import { parseSafetensorsHeader, type SafetensorsHeader } from '../../../protocols/artifacts/index.ts';

/** Writes tensors of one dimension as F32, one after another. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, Float32Array>>,
): Promise<SafetensorsHeader> {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, data]) => {
    const begin = at;
    at += data.byteLength;
    return [name, { dtype: 'F32', shape: [data.length], data_offsets: [begin, at] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const header = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(header.length));
  const data = Object.values(tensors).map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  await writeFile(path, Buffer.concat([prefix, header, ...data]));
  const parsed = parseSafetensorsHeader(header, 8 + header.length + at);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}
