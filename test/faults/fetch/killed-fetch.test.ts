import { expect, test } from 'vitest';
import { freshFolder } from '../../support/fresh-folder.ts';
import { runKilledFetch } from './killed-fetch.ts';

const MIB = 1_048_576;

/** The same over 2 GiB with 20 kills: `npm run test:faults:fetch`. */
test('a fetch goes through SIGKILLs of either side and a server that spoils blocks; nothing is lost or shown early', async () => {
  const report = await runKilledFetch({
    folder: await freshFolder(),
    mebibytes: 64,
    kills: 6,
    spoilsOneIn: 16,
    bytesPerSecond: 24 * MIB,
  });
  expect(report).toMatchObject({ readerKills: 4, serverKills: 2, lostBytes: 0, shownEarly: 0 });
  expect(report.liesMet).toBeGreaterThan(0);
  for (const name of report.liars) expect(name).toBe(`gateway:${report.spoiler}`);
});
