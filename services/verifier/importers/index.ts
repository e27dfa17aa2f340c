export type { ImportRefusal } from './draft.ts';
export { type ImportSource, type ImportTarget, importIntervention } from './import-intervention.ts';
