import type { Role } from '../../../protocols/kinds/index.ts';
import { LABS } from './scenario.ts';

/** Who takes part in the scenario. */
export const SCENARIO_MEMBERS: Readonly<Record<string, readonly Role[]>> = {
  academy: ['academic'],
  'regulator-east': ['regulator'],
  'regulator-west': ['regulator'],
  'verifier-north': ['verifier'],
  'verifier-south': ['verifier'],
  ...Object.fromEntries(LABS.map((name) => [name, ['lab'] as const])),
};
