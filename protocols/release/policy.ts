import { z } from 'zod';
import { ppm } from '../kinds/common.ts';
import { spdxIdOf } from './licences.ts';

/** spec 17-releases §1: what a federation asks of an analog release. */
export const releasePolicy = z
  .strictObject({
    /** Analog over frontier parameters, both ends included. */
    ratioPpm: z.strictObject({ from: ppm, to: ppm }),
    /** SPDX identifiers. */
    licences: z
      .array(z.string().refine((id) => spdxIdOf(id) === id, 'an identifier of the SPDX licence list'))
      .min(1),
  })
  .refine(({ ratioPpm: { from, to } }) => from < to, 'the ratio begins below its end');
export type ReleasePolicy = z.infer<typeof releasePolicy>;

/** Where a federation has decided nothing: 0.5 % to 5 %, and permissive licences (arXiv 2510.14053 §3.2, §3.4). */
export const DEFAULT_RELEASE_POLICY: ReleasePolicy = {
  ratioPpm: { from: 5_000, to: 50_000 },
  licences: [
    'Apache-2.0',
    'MIT',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'ISC',
    '0BSD',
    'CC0-1.0',
    'CC-BY-4.0',
    'Unlicense',
  ],
};
