import { z } from 'zod';
import { MEMBERS_LIMIT } from '../base/limits.ts';
import { didKeyText, documentId, memberKeyText, ppm, text } from './common.ts';

export const ROLES = ['lab', 'academic', 'regulator', 'verifier', 'witness', 'observer'] as const;
export type Role = (typeof ROLES)[number];

const memberKeys = z.looseObject({
  signing: memberKeyText,
  sealing: didKeyText('x25519'),
  libp2p: didKeyText('ed25519'),
  nats: didKeyText('ed25519'),
  publication: didKeyText('p256'),
});

export const member = z.looseObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
    .max(64),
  organisation: text(200),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  keys: memberKeys,
});
export type Member = z.infer<typeof member>;

/** spec 06-charter §2: how findings are judged. */
const verificationPolicy = z.looseObject({
  /** Verdicts of one outcome, by verifiers of different organisations, that settle a finding. */
  quorum: z.int().min(1).max(100),
  /** Error rate of each one-sided test. */
  alphaPpm: ppm.min(1).max(100_000),
  /** Norm-matched random controls in each re-run. */
  controls: z.int().min(1).max(32),
});
export type VerificationPolicy = z.infer<typeof verificationPolicy>;

/** The charter document. The federation's id is the CID of its canonical encoding. spec 06-charter §1 */
export const charterDocument = z
  .looseObject({
    v: z.literal(1),
    name: text(200),
    /** 32 hexadecimal digits, so that two federations of the same members differ. */
    nonce: z.string().regex(/^[0-9a-f]{32}$/),
    members: z.array(member).min(1).max(MEMBERS_LIMIT),
    policy: z.looseObject({ verification: verificationPolicy }),
  })
  .superRefine((charter, context) => {
    const names = charter.members.map((entry) => entry.name);
    const keys = charter.members.flatMap(({ keys }) => [
      keys.signing,
      keys.sealing,
      keys.libp2p,
      keys.nats,
      keys.publication,
    ]);
    if (new Set(names).size < names.length)
      context.addIssue({ code: 'custom', message: 'two members share a name' });
    const verifiers = charter.members.filter((entry) => entry.roles.includes('verifier'));
    const voices = new Set(verifiers.map((entry) => entry.organisation)).size;
    // a federation may begin without verifiers; one that has them must be able to settle a finding
    if (voices > 0 && charter.policy.verification.quorum > voices) {
      context.addIssue({ code: 'custom', message: 'the quorum is above the organisations that verify' });
    }
    if (new Set(keys).size < keys.length)
      context.addIssue({ code: 'custom', message: 'one key appears twice' });
  });
export type CharterDocument = z.infer<typeof charterDocument>;

/** `charter/1`: the author has read this charter and takes part under it. Each member's first message. */
export const charterBody = z.looseObject({ charter: documentId });
export type CharterBody = z.infer<typeof charterBody>;
