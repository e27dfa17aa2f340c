import { z } from 'zod';
import { memberKeyText } from './common.ts';
import { feedSize, rootText, signatureText } from './cosignatures.ts';

const signedHead = z.looseObject({ size: feedSize, root: rootText, signature: signatureText });

/** `fork-proof/1`: two heads that one feed's key has signed and that cannot both be true. spec 08-record §2.5 */
export const forkProofBody = z
  .looseObject({ feed: memberKeyText, heads: z.tuple([signedHead, signedHead]) })
  .refine(
    ({ heads: [a, b] }) => a.size === b.size && a.root !== b.root,
    'two heads of one size with different roots',
  );
export type ForkProofBody = z.infer<typeof forkProofBody>;
