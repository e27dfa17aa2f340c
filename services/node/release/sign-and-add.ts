import { OversightError } from '../../../protocols/base/errors.ts';
import { derivePublicationKey } from '../../../protocols/identity/derive.ts';
import { SIGNATURE_FILE, signModel } from '../../../protocols/provenance/index.ts';
import { type Checkpoint, type CheckpointStore, inspectCheckpoint } from '../../checkpoints/index.ts';
import type { Home } from '../home.ts';
import { type Attended, lookAtWeights } from './prepare.ts';

/**
 * Signs a checkpoint as this member and adds it: one read of its bytes gives the digests to sign, the CIDs, and the
 * certainty that every weight is a number. Only `model.sig` is written. spec 17-releases §4.1
 * @throws OversightError `checkpoint-invalid`, `disk-full`, `cancelled`
 */
export async function signAndAdd(
  store: CheckpointStore,
  { seed, self }: Pick<Home, 'seed' | 'self'>,
  release: { readonly directory: string; readonly name: string },
  options: Attended,
): Promise<Checkpoint> {
  const inspected = await inspectCheckpoint(release.directory, { signal: options.signal, families: 'any' });
  if (!inspected.ok) {
    const { reason, detail } = inspected;
    throw new OversightError('checkpoint-invalid', `${reason}: ${detail}`, { details: { reason } });
  }
  return store.add(release.directory, {
    ...options,
    look: lookAtWeights(inspected.value),
    seal: {
      name: SIGNATURE_FILE,
      make: (files) => signModel(release.name, files, derivePublicationKey(seed), self.keys.publication),
    },
  });
}
