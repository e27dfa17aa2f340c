import type { FederationId } from '../../../protocols/base/ids.ts';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { KnownKeys } from '../../../protocols/codec/known-keys.ts';
import { LeafHasher } from '../../../protocols/feed/index.ts';
import { rememberedNames } from '../../../protocols/identity/remembered-names.ts';
import { type OpenContext, SignedBytes } from '../../../protocols/message/index.ts';
import { bodyCheckOf } from '../../../protocols/record/index.ts';
import { bulkEd25519, nativeSha256 } from '../../keys/index.ts';

export interface OpeningContext extends OpenContext {
  readonly leaves: LeafHasher;
}

/** What messages of this federation are opened with, in every thread. */
export function openingContext(federation: FederationId): OpeningContext {
  const ed25519 = bulkEd25519();
  return {
    federation,
    ed25519,
    sha256: nativeSha256,
    signedBytes: new SignedBytes(),
    leaves: new LeafHasher(MESSAGE_LIMIT_BYTES, nativeSha256),
    checkBody: bodyCheckOf({ federation, ed25519 }),
    keys: new KnownKeys(),
    memberKey: rememberedNames(),
  };
}
