import { z } from 'zod';
import { type AnalogReleaseBody, analogReleaseBody } from '../../../../protocols/kinds/index.ts';
import { readChecked } from '../../read-json.ts';

const part = z.looseObject({}).pipe(analogReleaseBody.partial());

/**
 * What a lab has written of its release: training, distilledFrom, restrictions and whatever else the directory does not
 * say. @throws OversightError `argument-invalid`
 */
export async function readNotice(path: string | undefined): Promise<Partial<AnalogReleaseBody>> {
  // JSON has no undefined
  return path === undefined ? {} : ((await readChecked(path, part)) as Partial<AnalogReleaseBody>);
}
