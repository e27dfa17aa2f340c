import { join } from 'node:path';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import {
  CARD_LIMIT_BYTES,
  judgeRelease,
  type ReleaseParts,
  type ReleasePolicy,
  type Requirement,
} from '../../../protocols/release/index.ts';
import {
  type CheckpointFacts,
  inspectCheckpoint,
  listDirectory,
  lookForNonFinite,
  type Progress,
  surveyDirectory,
  textOf,
} from '../../checkpoints/index.ts';

export interface ReleaseQuestion {
  readonly policy: ReleasePolicy;
  /** Licence that the release will state; null: as the card says. */
  readonly licence: string | null;
  /** Parameters of the frontier model; null: not known here. */
  readonly frontierParameters: number | null;
  /** `unread` leaves out the pass over the weights. */
  readonly weights: 'read' | 'unread';
}

export interface Preparation {
  readonly requirements: readonly Requirement[];
  /** Null where the inspection refused the model. */
  readonly facts: CheckpointFacts | null;
  readonly licence: string | null;
}

export interface Attended {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Whether a directory holds what an analog release must hold. Reads it and writes nothing. spec 17-releases §2
 * @throws OversightError `checkpoint-invalid` where there is no directory, `cancelled`, and on I/O errors
 */
export async function prepareRelease(
  directory: string,
  question: ReleaseQuestion,
  options: Attended,
): Promise<Preparation> {
  const inspected = await inspectCheckpoint(directory, { signal: options.signal, families: 'any' });
  if (!inspected.ok && inspected.reason === 'not-a-directory')
    throw new OversightError('checkpoint-invalid', inspected.detail, {
      details: { reason: inspected.reason },
    });
  const facts = inspected.ok ? inspected.value : null;
  const files = await listFiles(directory, options);
  const parts: ReleaseParts = {
    filled: new Set(files.filter(({ sizeBytes }) => sizeBytes > 0).map(({ path }) => path)),
    card: await readPart(directory, 'README.md'),
    dataDescription: await readPart(directory, 'DATA.md'),
    model: inspected.ok ? { ok: true, ...inspected.value } : inspected,
    licence: question.licence,
    frontierParameters: question.frontierParameters,
    weights:
      facts === null || question.weights === 'unread'
        ? 'unread'
        : await readWeights(directory, facts, options),
  };
  const requirements = judgeRelease(parts, question.policy);
  const licence =
    requirements.find(({ part, state }) => part === 'licence' && state === 'met')?.detail ?? null;
  return { requirements, facts, licence };
}

async function listFiles(directory: string, options: Attended) {
  try {
    const files: { readonly path: string; readonly sizeBytes: number }[] = [];
    const stack = [(await listDirectory(directory, options)).tree];
    for (let folder = stack.pop(); folder !== undefined; folder = stack.pop())
      for (const entry of folder.entries) entry.type === 'folder' ? stack.push(entry) : files.push(entry);
    return files;
  } catch (error) {
    if (error instanceof OversightError && error.code === 'checkpoint-invalid') return []; // said under §2.1
    throw error;
  }
}

/** A text of the directory; null where it is not there. One too large or not UTF-8 counts as empty. */
export async function readPart(directory: string, name: string): Promise<string | null> {
  try {
    return (await textOf(join(directory, name), CARD_LIMIT_BYTES)) ?? '';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].some((errno) => hasErrno(error, errno))) return null;
    throw error;
  }
}

async function readWeights(
  directory: string,
  facts: CheckpointFacts,
  options: Attended,
): Promise<ReleaseParts['weights']> {
  try {
    await surveyDirectory(directory, { ...options, look: lookAtWeights(facts) });
    return 'finite';
  } catch (error) {
    if (error instanceof OversightError && error.details['reason'] === 'weights-not-finite')
      return { notFinite: error.message };
    throw error;
  }
}

/** For the one pass over a checkpoint: looks for numbers that are none in each file of weights. */
export function lookAtWeights({ tensors }: Pick<CheckpointFacts, 'tensors'>) {
  return (path: string) => {
    const header = tensors.get(path);
    return header === undefined ? null : lookForNonFinite(path, header);
  };
}
