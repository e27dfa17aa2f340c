import { derivePublicationKey } from '../../../protocols/identity/derive.ts';
import { SIGNATURE_FILE, signModel } from '../../../protocols/provenance/index.ts';
import type { Checkpoint, CheckpointStore } from '../../checkpoints/index.ts';
import type { Home } from '../home.ts';
import { inspected } from './inspected.ts';
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
  const facts = await inspected(release.directory, options);
  return store.add(release.directory, {
    ...options,
    look: lookAtWeights(facts),
    seal: {
      name: SIGNATURE_FILE,
      make: (files) => signModel(release.name, files, derivePublicationKey(seed), self.keys.publication),
    },
  });
}
