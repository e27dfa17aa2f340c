import { z } from 'zod';
import { DOCUMENT_ENTRIES_LIMIT, MEMBERS_LIMIT } from '../base/limits.ts';
import { didKeyText, documentId, memberKeyText, ppm, text } from './common.ts';
import { oversightPolicy } from './oversight-policy.ts';

export const ROLES = ['lab', 'academic', 'regulator', 'verifier', 'witness', 'observer'] as const;
export type Role = (typeof ROLES)[number];

const memberKeys = z.looseObject({
  signing: memberKeyText,
  sealing: didKeyText('x25519'),
  libp2p: didKeyText('ed25519'),
  nats: didKeyText('ed25519'),
  publication: didKeyText('p256'),
});

/** Members, outside witnesses and groups of witnesses share one namespace. */
export const memberName = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .max(64);

/** What a node hands to whoever writes the charter. */
export const member = z.looseObject({
  name: memberName,
  organisation: text(200),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  keys: memberKeys,
});
export type Member = z.infer<typeof member>;

/** The sequence of the member's feed from which this version governs it. spec 06-charter §5.1 */
export const since = z.int().min(0);

const charterMember = z.looseObject({ ...member.shape, since });
export type CharterMember = z.infer<typeof charterMember>;

export const FORMER_REASONS = ['rotated', 'removed', 'compromised'] as const;
export type FormerReason = (typeof FORMER_REASONS)[number];

/** A key that speaks no more, and how much of what it said counts. spec 06-charter §1.6 */
export const former = z
  .looseObject({
    name: memberName,
    organisation: text(200),
    key: memberKeyText,
    /** Highest sequence that counts; null: none. */
    last: z.int().min(0).nullable(),
    reason: z.enum(FORMER_REASONS),
    /** Milliseconds since 1970. */
    compromisedAt: z.int().min(0).optional(),
  })
  .refine(
    (entry) => (entry.reason === 'compromised') === (entry.compromisedAt !== undefined),
    'compromisedAt stands beside the reason compromised and nowhere else',
  );
export type Former = z.infer<typeof former>;

/** spec 06-charter §2.1: consents that change the charter; above one half, so that no two changes can both pass. */
const amendmentPolicy = z.looseObject({ consentPpm: ppm.min(500_000) });

/** spec 06-charter §2.2: how findings are judged. */
const verificationPolicy = z.looseObject({
  /** Verdicts of one outcome, by verifiers of different organisations, that settle a finding. */
  quorum: z.int().min(1).max(100),
  /** Error rate of each one-sided test. */
  alphaPpm: ppm.min(1).max(100_000),
  /** Norm-matched random controls in each re-run. */
  controls: z.int().min(1).max(32),
});
export type VerificationPolicy = z.infer<typeof verificationPolicy>;

/** spec 06-charter §2.3: whose cosignatures establish when a message was known. */
const witnessPolicy = z.looseObject({
  /** Witnesses that are no members. */
  outside: z
    .array(
      z.looseObject({
        name: memberName,
        /** Its Ed25519 key. */
        key: memberKeyText,
        /** The name in its signature lines (C2SP signed-note). */
        keyName: z.string().regex(/^[!-*,-~]{1,200}$/),
        /** Of its HTTP API (C2SP tlog-witness). */
        url: z.string().regex(/^https?:\/\/[!-~]{1,500}$/),
      }),
    )
    .max(64),
  /** Each of members, outside witnesses or groups before it; holds when `threshold` of them do. */
  groups: z
    .array(
      z.looseObject({
        name: memberName,
        threshold: z.int().min(1),
        members: z.array(memberName).min(1).max(MEMBERS_LIMIT),
      }),
    )
    .max(64),
  /** The group that must hold; null: nothing is ever established. */
  quorum: memberName.nullable(),
});
export type CharterWitnessPolicy = z.infer<typeof witnessPolicy>;

/** spec 06-charter §2.4: what one member may make the others store. */
const quotaPolicy = z.looseObject({
  messagesPerHour: z.int().min(1).max(1_000_000_000),
  /** Messages at once. */
  burst: z.int().min(1).max(1_000_000_000),
  bytesPerHour: z.int().min(1),
});
export type QuotaPolicy = z.infer<typeof quotaPolicy>;

export const charterPolicy = z.looseObject({
  amendment: amendmentPolicy,
  verification: verificationPolicy,
  witness: witnessPolicy,
  quotas: quotaPolicy,
  /** spec 06-charter §2.5; absent: spec 18-oversight §1.2 */
  oversight: oversightPolicy.optional(),
});
export type CharterPolicy = z.infer<typeof charterPolicy>;
export const POLICY_SECTIONS = ['amendment', 'verification', 'witness', 'quotas', 'oversight'] as const;
export type PolicySection = (typeof POLICY_SECTIONS)[number];

/** The charter document. The federation's id is the CID of its first version's encoding. spec 06-charter §1 */
export const charterDocument = z.looseObject({
  v: z.literal(1),
  name: text(200),
  /** 32 hexadecimal digits, so that two federations of the same members differ. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  /** 0 at the founding, one more with each amendment. */
  version: z.int().min(0),
  /** CID of the version before; null at the founding. */
  previous: documentId.nullable(),
  members: z.array(charterMember).min(1).max(MEMBERS_LIMIT),
  former: z.array(former).max(DOCUMENT_ENTRIES_LIMIT),
  policy: charterPolicy,
});
export type CharterDocument = z.infer<typeof charterDocument>;

/** `charter/1`: the author has read the federation's first charter and takes part. Each member's first message. */
export const charterBody = z.looseObject({ charter: documentId });
export type CharterBody = z.infer<typeof charterBody>;
