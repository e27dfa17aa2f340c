export { toCycloneDx } from './cyclonedx.ts';
export type { DescribedModel } from './described-model.ts';
export {
  compareFiles,
  type OmsRefusal,
  SIGNATURE_FILE,
  SIGNATURE_LIMIT_BYTES,
  type SignedFile,
  type SignedModel,
  signModel,
  verifyBundle,
} from './oms.ts';
export {
  keyHint,
  type PublicationKey,
  parsePublicKeyPem,
  publicationKeyOf,
  publicKeyPem,
} from './publication-key.ts';
export { toSpdx } from './spdx-ai.ts';
