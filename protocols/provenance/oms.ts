import { z } from 'zod';
import { compareText, fromUtf8, utf8 } from '../base/bytes.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import {
  bundleSchema,
  MEDIA_TYPE,
  PAYLOAD_TYPE,
  PREDICATE_TYPE,
  preAuthEncoding,
  rootDigest,
  STATEMENT_TYPE,
  statementSchema,
} from './oms-format.ts';
import { keyHint, type PublicationKey, publicationKeyOf, signAsPublisher } from './publication-key.ts';

/** spec 17-releases §4.1: the name of the file beside the weights, as OpenSSF Model Signing has it. */
export const SIGNATURE_FILE = 'model.sig';
/** A bundle names every file once, and a directory has at most 4,096. */
export const SIGNATURE_LIMIT_BYTES = 4 * 1024 * 1024;

/** What git keeps beside files; no part of a model, and never published here, as all that starts with a dot. */
const GIT_PATHS = ['.git', '.gitattributes', '.github', '.gitignore'];

export interface SignedFile {
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

export type OmsRefusal =
  | 'signature-malformed'
  | 'signature-unsupported'
  | 'key-differs'
  | 'signature-wrong'
  | 'statement-inconsistent'
  | 'file-differs'
  | 'file-missing'
  | 'file-unsigned';

/** What a bundle's signer said, once its signature holds. */
export interface SignedModel {
  readonly name: string;
  readonly files: readonly SignedFile[];
}

/** The bundle over these files, as `model_signing sign key` makes it, byte for byte the same for the same input. */
export function signModel(
  name: string,
  files: readonly SignedFile[],
  privateKey: Uint8Array,
  publicKey: string,
): Uint8Array {
  const key = publicationKeyOf(publicKey);
  if (key === null) throw new TypeError('not a did:key of P-256');
  const resources = [...files]
    .sort((a, b) => compareText(a.path, b.path))
    .map(({ path, sha256: digest }) => ({ algorithm: 'sha256', digest, name: path }));
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: rootDigest(resources) } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: [SIGNATURE_FILE, ...GIT_PATHS],
      },
      resources,
    },
  };
  const payload = utf8(JSON.stringify(statement));
  const signature = signAsPublisher(privateKey, preAuthEncoding(payload));
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyHint(key) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: toBase64(signature), keyid: '' }],
    },
  };
  return utf8(`${JSON.stringify(bundle)}\n`);
}

/** Checks a bundle by a key that the caller trusts. spec 17-releases §4.2 to §4.5, in that order. */
export function verifyBundle(bundleBytes: Uint8Array, key: PublicationKey): Result<SignedModel, OmsRefusal> {
  // spec 17-releases §4.2
  const bundle = readBundle(bundleBytes);
  if (!bundle.ok) return bundle;
  const { hint, payload, signature } = bundle.value;
  // spec 17-releases §4.3
  if (hint !== null && hint !== keyHint(key))
    return refuse('key-differs', `the bundle was made with the key ${hint}, not with ${keyHint(key)}`);
  // spec 17-releases §4.4
  if (!key.verify(signature, preAuthEncoding(payload)))
    return refuse('signature-wrong', 'the signature is not by this key over this statement');
  return readStatement(payload);
}

/** Whether a directory is what was signed: the same files with the same bytes, and none besides. spec 17-releases §4.6 */
export function compareFiles(
  signed: SignedModel,
  files: readonly SignedFile[],
  options: { readonly unsigned: readonly string[] },
): Result<SignedModel, OmsRefusal> {
  const here = new Map(files.map((file) => [file.path, file.sha256]));
  const named = new Map(signed.files.map((file) => [file.path, file.sha256]));
  for (const [path, digest] of named) {
    const found = here.get(path);
    if (found === undefined) return refuse('file-missing', `${path} was signed and is not here`);
    if (found !== digest) return refuse('file-differs', `${path} is not what was signed`);
  }
  const allowed = new Set(options.unsigned);
  for (const path of here.keys())
    if (!named.has(path) && !allowed.has(path)) return refuse('file-unsigned', `${path} was not signed`);
  return accept(signed);
}

interface ReadBundle {
  readonly hint: string | null;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

function readBundle(bytes: Uint8Array): Result<ReadBundle, OmsRefusal> {
  if (bytes.length > SIGNATURE_LIMIT_BYTES) return refuse('signature-malformed', `${bytes.length} bytes`);
  const json = readJson(bytes);
  const parsed = bundleSchema.safeParse(json);
  if (!parsed.success)
    return refuse(
      signedOtherwise(json) ? 'signature-unsupported' : 'signature-malformed',
      'not a Sigstore bundle 0.3 of one signature made with a key',
    );
  const { verificationMaterial, dsseEnvelope } = parsed.data;
  const payload = fromBase64(dsseEnvelope.payload);
  const signature = fromBase64((dsseEnvelope.signatures[0] as { sig: string }).sig);
  if (payload === null || signature === null)
    return refuse('signature-malformed', 'base64 that no bytes are written as');
  return accept({ hint: verificationMaterial.publicKey.hint ?? null, payload, signature });
}

/** True for bundles of certificates and of Sigstore identities: theirs to check are `model_signing` and `cosign`. */
function signedOtherwise(json: unknown): boolean {
  const material = z.looseObject({ verificationMaterial: z.looseObject({}) }).safeParse(json)
    .data?.verificationMaterial;
  return material?.['x509CertificateChain'] !== undefined || material?.['certificate'] !== undefined;
}

function readStatement(payload: Uint8Array): Result<SignedModel, OmsRefusal> {
  const json = readJson(payload);
  const parsed = statementSchema.safeParse(json);
  if (!parsed.success)
    return refuse(
      'signature-unsupported',
      'the statement is not a model signature 1.0 of whole files by sha256',
    );
  const { subject, predicate } = parsed.data;
  const { name, digest } = subject[0] as (typeof subject)[number];
  // spec 17-releases §4.5
  if (rootDigest(predicate.resources) !== digest.sha256)
    return refuse('statement-inconsistent', 'the digest of the whole is not that of its files');
  const files = predicate.resources.map((resource) => ({ path: resource.name, sha256: resource.digest }));
  if (new Set(files.map(({ path }) => path)).size !== files.length)
    return refuse('statement-inconsistent', 'a file is named twice');
  return accept({ name, files });
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined; // no JSON satisfies a schema
  }
}
