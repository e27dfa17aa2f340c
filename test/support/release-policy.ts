import { DEFAULT_OVERSIGHT_POLICY } from '../../protocols/oversight/index.ts';
import type { ReleasePolicy } from '../../protocols/release/index.ts';

const { ratioPpm, licences, parts } = DEFAULT_OVERSIGHT_POLICY;

/** Where a federation has decided nothing. */
export const RELEASE_POLICY: ReleasePolicy = { ratioPpm, licences, parts };
