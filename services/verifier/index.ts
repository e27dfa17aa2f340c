export { type Checkpoint, openCheckpoint } from './engine/checkpoint.ts';
export { readManifest } from './engine/manifest.ts';
export { Model } from './engine/model.ts';
export { PROVIDER_CHOICES, type ProviderChoice } from './engine/provider.ts';
export { Tokenizer } from './engine/tokenizer.ts';
export { type ImportSource, importIntervention } from './importers/index.ts';
export { loadIntervention } from './interventions/load.ts';
export type {
  CountRow,
  FidelityJob,
  Job,
  PairedTable,
  Progress,
  RerunJob,
  RerunOutcome,
} from './jobs/job.ts';
export { loadSuite } from './jobs/load-suite.ts';
export { type RerunOptions, rerun } from './jobs/rerun.ts';
