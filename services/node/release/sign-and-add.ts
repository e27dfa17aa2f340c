import { join } from 'node:path';
import { OversightError } from '../../../protocols/base/errors.ts';
import { derivePublicationKey } from '../../../protocols/identity/derive.ts';
import {
  type PublicationKey,
  publicationKeyOf,
  SIGNATURE_FILE,
  signModel,
  verifyBundle,
} from '../../../protocols/provenance/index.ts';
import type { Checkpoint, CheckpointStore } from '../../checkpoints/index.ts';
import type { Home } from '../home.ts';
import { inspected } from './inspected.ts';
import { type Attended, lookAtWeights } from './prepare.ts';
import { readBundle } from './verify.ts';

/**
 * Signs a checkpoint as this member and adds it: one read of its bytes gives the digests to sign, the CIDs, and the
 * certainty that every weight is a number. Only `model.sig` is written. spec 17-releases §4.1
 * @throws OversightError `checkpoint-invalid`, `disk-full`, `cancelled`
 */
export async function signAndAdd(
  store: CheckpointStore,
  { seed, self }: Pick<Home, 'seed' | 'self'>,
  { directory, name }: { readonly directory: string; readonly name: string },
  options: Attended,
): Promise<Checkpoint> {
  const { publication } = self.keys;
  const facts = await inspected(directory, options);
  await keepForeignSignature(directory, publicationKeyOf(publication) as PublicationKey);
  return store.add(directory, {
    ...options,
    look: lookAtWeights(facts),
    seal: {
      name: SIGNATURE_FILE,
      make: (files) => signModel(name, files, derivePublicationKey(seed), publication),
    },
  });
}

/** spec 17-releases §4.8. @throws OversightError `checkpoint-invalid` where another's signature would be lost */
async function keepForeignSignature(directory: string, own: PublicationKey): Promise<void> {
  const bundle = await readBundle(join(directory, SIGNATURE_FILE));
  if (bundle === null || verifyBundle(bundle, own).ok) return;
  throw new OversightError(
    'checkpoint-invalid',
    `${SIGNATURE_FILE} is not by this node; keep it under another name, such as upstream.sig, or leave it out`,
    { details: { reason: 'signature-foreign' } },
  );
}
