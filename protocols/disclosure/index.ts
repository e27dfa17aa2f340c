export { commitmentOf, type FieldContext, type Opening, SALT_BYTES } from './commitment.ts';
export { fieldPathOf, valueAt, withValueAt } from './field-path.ts';
export {
  type CommitmentRefusal,
  type DisclosingMessage,
  type OpenRefusal,
  openSealed,
  openWithheld,
} from './open-withheld.ts';
export {
  type CopyRefusal,
  openCopy,
  type SealingDraw,
  type SealRefusal,
  sealCopy,
} from './sealed-copy.ts';
export { type WithheldField, withheldFields } from './withheld-fields.ts';
export {
  type Draft,
  type Withheldness,
  type Withholding,
  type WithholdRefusal,
  withhold,
} from './withhold.ts';
