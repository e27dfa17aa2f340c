import type { DescribedModel } from '../../protocols/provenance/index.ts';
import { contentCid } from './samples.ts';

export const DESCRIBED: DescribedModel = {
  name: 'tiny analog',
  version: '1.0',
  supplier: 'Example Lab',
  licence: 'Apache-2.0',
  cid: contentCid('described'),
  profile: 'unixfs-v1-2025',
  files: [
    { path: 'config.json', sha256: '1'.repeat(64) },
    { path: 'scripts/train é.py', sha256: '2'.repeat(64) },
  ],
  modelType: 'llama',
  architecture: 'LlamaForCausalLM',
  parameters: 314_048,
  task: 'text-generation',
  training: 'Distilled.',
  intendedUse: 'Research.',
  limits: 'Synthetic data alone.',
  created: '2026-11-21T00:00:00Z',
};

/** The same with everything left out that may be. */
export const BARE: DescribedModel = {
  ...DESCRIBED,
  architecture: null,
  task: null,
  training: null,
  intendedUse: null,
  limits: null,
};
