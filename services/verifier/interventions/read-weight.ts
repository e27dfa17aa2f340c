import { join } from 'node:path';
import type { Values } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from '../engine/checkpoint.ts';
import { readTensors } from '../engine/safetensors-file.ts';

/** One weight: the largest unembeddings of published models take 4 GiB in float32. */
const WEIGHT_LIMIT_BYTES = 8 * 2 ** 30;

/** A whole weight of a checkpoint as float32. @throws OversightError `checkpoint-invalid` */
export async function readWeight({ directory, tensors }: Checkpoint, name: string): Promise<Values> {
  const entry = tensors.get(name);
  if (entry === undefined) throw invalid('tensor-missing', name);
  const read = await readTensors(join(directory, entry.file), new Set([name]), {
    limitBytes: WEIGHT_LIMIT_BYTES,
  });
  if (!read.ok) throw invalid(read.reason, read.detail);
  const values = read.value.get(name);
  if (values === undefined) throw invalid('dtype-unsupported', name);
  return values;
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
