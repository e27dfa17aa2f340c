import { open } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { hasErrno } from '../../../protocols/base/errors.ts';
import { type Result, refuse } from '../../../protocols/base/result.ts';
import {
  compareFiles,
  type OmsRefusal,
  type PublicationKey,
  SIGNATURE_FILE,
  SIGNATURE_LIMIT_BYTES,
  type SignedModel,
  verifyBundle,
} from '../../../protocols/provenance/index.ts';
import { surveyDirectory } from '../../checkpoints/index.ts';
import type { Attended } from './prepare.ts';

export interface SignatureQuestion {
  readonly key: PublicationKey;
  /** Default: `model.sig` in the directory. */
  readonly signature?: string;
  /** Files that may be there though nobody signed them. */
  readonly unsigned: readonly string[];
}

/**
 * Whether a directory is, byte for byte, what the holder of this key signed, whoever made the signature.
 * spec 17-releases §4. @throws OversightError `checkpoint-invalid`, `cancelled`
 */
export async function verifyRelease(
  directory: string,
  { key, signature = join(directory, SIGNATURE_FILE), unsigned }: SignatureQuestion,
  options: Attended,
): Promise<Result<SignedModel, OmsRefusal | 'signature-missing'>> {
  const bundle = await readBundle(signature);
  if (bundle === null) return refuse('signature-missing', `there is no ${signature}`);
  const signed = verifyBundle(bundle, key);
  if (!signed.ok) return signed;
  const { absolute, files } = await surveyDirectory(directory, options);
  const signatures = [SIGNATURE_FILE, relative(absolute, resolve(signature))];
  return compareFiles(
    signed.value,
    files.filter(({ path }) => !signatures.includes(path)),
    { unsigned },
  );
}

/** Null where there is none. At most one byte more than a bundle may have, which its reader then refuses. */
export async function readBundle(path: string): Promise<Uint8Array | null> {
  try {
    await using file = await open(path);
    const buffer = Buffer.alloc(Math.min((await file.stat()).size, SIGNATURE_LIMIT_BYTES + 1));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
