import { z } from 'zod';
import type { ContentId, FederationId, MemberKey, MessageId } from '../base/ids.ts';
import { isContentCidText, isDocumentCidText } from '../codec/cid.ts';
import { parseDidKey } from '../identity/did-key.ts';

/** Text that a person reads; bounded, never used as a pattern, a path or a key. */
export const text = (limitChars: number) => z.string().min(1).max(limitChars);

const isDocumentName = (value: unknown): boolean => typeof value === 'string' && isDocumentCidText(value);

export const messageId = z.custom<MessageId>(isDocumentName, 'the id of a message (CIDv1 text, dag-cbor)');

/** The CID of a canonical document that is not a message, such as a charter. */
export const documentId = z.custom<FederationId>(
  isDocumentName,
  'the CID of a document (CIDv1 text, dag-cbor)',
);

export const contentId = z.custom<ContentId>(
  (value) => typeof value === 'string' && isContentCidText(value),
  'the CID of a directory or file (CIDv1 text, dag-pb or raw)',
);

export const memberKeyText = z.custom<MemberKey>(
  (value) => typeof value === 'string' && parseDidKey('ed25519', value) !== null,
  'a did:key of an Ed25519 key',
);

export const didKeyText = (type: 'ed25519' | 'x25519' | 'p256') =>
  z.string().refine((value) => parseDidKey(type, value) !== null, `a did:key of a ${type} key`);

/** Parts per million: a rate without fractions. */
export const ppm = z.int().min(0).max(1_000_000);
/** Trials of one measure. The exact tests work in big integers; this keeps one verdict in milliseconds. */
export const trials = z.int().min(0).max(5_000);
export const sizeBytes = z.int().min(0);
/** Parameters, as counted from tensor headers. */
export const parameterCount = z.int().min(1);
/** Calendar date, `YYYY-MM-DD`. */
export const calendarDate = z.iso.date();

/** sha256 in hexadecimal. */
export const digestText = z.string().regex(/^[0-9a-f]{64}$/);
/** SPDX identifier. */
export const licenceText = z.string().regex(/^[A-Za-z0-9.+-]{1,64}$/);
/** A word of a vocabulary that policies and readers share, such as a risk or a restriction. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .max(64);

/** `significand` × 10^`exponent`: figures such as 10^26 operations, which no integer of a message can hold. */
export const magnitude = z.looseObject({
  significand: z.int().min(1).max(999_999),
  exponent: z.int().min(0).max(60),
});
export type Magnitude = z.infer<typeof magnitude>;

/** A checkpoint, intervention, suite or evidence directory. */
export const contentReference = z.looseObject({
  cid: contentId,
  profile: z.literal('unixfs-v1-2025'),
  sizeBytes,
});
export type ContentReference = z.infer<typeof contentReference>;

/** Name of a measure inside a suite. */
export const measureId = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .max(64);

/** `affine`: treated through the affine map that stands beside a nonlinear one. */
export const CONDITIONS = ['baseline', 'treated', 'affine', 'native', 'control'] as const;
export const condition = z.enum(CONDITIONS);
export type Condition = z.infer<typeof condition>;

/** k of n prompts had the outcome that the measure counts; `unscored` prompts are in neither. */
export const conditionCount = z
  .looseObject({ condition, measure: measureId, n: trials, k: trials, unscored: trials })
  .refine((count) => count.k <= count.n, 'k is at most n');
export type ConditionCount = z.infer<typeof conditionCount>;
