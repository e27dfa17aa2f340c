import { z } from 'zod';
import { ppm } from '../kinds/common.ts';
import { type OversightPolicy, RELEASE_PARTS } from '../kinds/index.ts';
import { spdxIdOf } from './licences.ts';

/** What of a charter's oversight policy concerns the directory of an analog. spec 17-releases §1 */
export type ReleasePolicy = Pick<OversightPolicy, 'ratioPpm' | 'licences' | 'parts'>;

/** As someone writes it for a release of their own. */
export const releasePolicy = z
  .strictObject({
    ratioPpm: z.strictObject({ from: ppm, to: ppm }),
    licences: z
      .array(z.string().refine((id) => spdxIdOf(id) === id, 'an identifier of the SPDX licence list'))
      .min(1),
    parts: z.array(z.enum(RELEASE_PARTS)),
  })
  .refine(({ ratioPpm: { from, to } }) => from < to, 'the ratio begins below its end');
