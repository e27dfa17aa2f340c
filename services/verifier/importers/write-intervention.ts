import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DTYPE_BYTES, INTERVENTION_FILE, type Intervention } from '../../../protocols/artifacts/index.ts';
import { concatBytes, utf8 } from '../../../protocols/base/bytes.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import { type NewTensor, TENSORS_FILE } from './draft.ts';

/**
 * Writes manifest and tensors beside `out`, has them checked, and only then gives them its name; nothing is left of what
 * did not pass. @throws OversightError `argument-invalid` where `out` exists
 */
export async function writeIntervention(
  out: string,
  manifest: Intervention,
  tensors: readonly NewTensor[],
  { signal, check }: { readonly signal: AbortSignal; readonly check: (directory: string) => Promise<void> },
): Promise<void> {
  if (await exists(out)) throw new OversightError('argument-invalid', `${out} exists`);
  const folder = join(dirname(out), `.${basename(out)}-${randomUUID()}`);
  await mkdir(folder);
  try {
    await writeTensors(join(folder, TENSORS_FILE), tensors, signal);
    await writeFile(join(folder, INTERVENTION_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    await check(folder);
    signal.throwIfAborted();
    await rename(folder, out);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A safetensors file, its tensors in the order given. */
async function writeTensors(path: string, tensors: readonly NewTensor[], signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'wx');
  await file.writeFile(headerOf(tensors));
  for (const { read } of tensors)
    for await (const piece of read()) {
      signal.throwIfAborted();
      await file.writeFile(piece);
    }
}

const LENGTH_BYTES = 8;

function headerOf(tensors: readonly NewTensor[]): Uint8Array {
  let at = 0;
  const entries = tensors.map(({ name, dtype, shape }) => {
    const begin = at;
    at += shape.reduce((product, extent) => product * extent, DTYPE_BYTES[dtype]);
    return [name, { dtype, shape, data_offsets: [begin, at] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  // padded with spaces, so that the data is aligned
  const bytes = utf8(json.padEnd(Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return concatBytes(length, bytes);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // what stands in the way, if anything, shows when the folder is made
  }
}
