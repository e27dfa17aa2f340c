import { createCipheriv } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 8 * 1_048_576;

/** A model directory of `shards` safetensors files of about `shardBytes` each: bytes that no disk or wire can compress. */
export async function writeSynthetic(folder: string, shards: number, shardBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'llama' }));
  for (let shard = 1; shard <= shards; shard++) {
    const name = `model-${String(shard).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}.safetensors`;
    await writeShard(join(folder, name), shard, shardBytes);
  }
}

async function writeShard(path: string, seed: number, bytes: number): Promise<void> {
  const tensor = { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] };
  const header = Buffer.from(JSON.stringify({ [`layers.${seed}.weight`]: tensor }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const file = await open(path, 'w');
  try {
    await file.write(Buffer.concat([length, header]));
    for (let left = bytes; left > 0; left -= CHUNK_BYTES)
      await file.write(stream.update(zeros.subarray(0, Math.min(left, CHUNK_BYTES))));
    await file.sync();
  } finally {
    await file.close();
  }
}
