import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { concatBytes, fromHex, toHex, utf8 } from '../base/bytes.ts';

export const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
/** A Sigstore bundle 0.3 of one signature made with a key. */
export const bundleSchema = z.looseObject({
  mediaType: z.literal(MEDIA_TYPE),
  verificationMaterial: z.looseObject({
    publicKey: z.looseObject({ hint: sha256Hex.nullish() }),
  }),
  dsseEnvelope: z.looseObject({
    payload: z.string(),
    payloadType: z.literal(PAYLOAD_TYPE),
    signatures: z.array(z.looseObject({ sig: z.string() })).length(1),
  }),
});
/** What is signed: whole files by sha256 (in-toto, model signature 1.0). */
export const statementSchema = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.looseObject({ name: z.string(), digest: z.looseObject({ sha256: sha256Hex }) }))
    .length(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.looseObject({
    serialization: z.looseObject({ method: z.literal('files'), hash_type: z.literal('sha256') }),
    resources: z
      .array(z.looseObject({ name: z.string().min(1), algorithm: z.literal('sha256'), digest: sha256Hex }))
      .min(1),
  }),
});

/** sha256 of the files' digests, one after another. It binds no names: the signed list does. */
export function rootDigest(resources: readonly { readonly digest: string }[]): string {
  return toHex(sha256(concatBytes(...resources.map(({ digest }) => fromHex(digest)))));
}

/** What is signed (DSSE 1.0). */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  return concatBytes(utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload);
}
