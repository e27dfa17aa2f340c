import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runKilledFetch } from './killed-fetch.ts';

/** `npm run test:faults:fetch -- [--mebibytes n] [--kills n] [--spoils-one-in n]` */
const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '2048' },
    kills: { type: 'string', default: '20' },
    'spoils-one-in': { type: 'string', default: '1000' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'killed-fetch-'));
const begin = performance.now();
try {
  const report = await runKilledFetch({
    folder,
    mebibytes: Number(values.mebibytes),
    kills: Number(values.kills),
    spoilsOneIn: Number(values['spoils-one-in']),
    bytesPerSecond: 0,
    onKill: (line) => console.log(line),
  });
  const { readerKills, serverKills, lostBytes, shownEarly, liars, liesMet, spoiler } = report;
  console.log(`held    whole and verified after ${((performance.now() - begin) / 1_000).toFixed(0)} s`);
  console.log(`kills   ${readerKills} of the reader, ${serverKills} of the server`);
  console.log(`lost    ${lostBytes} bytes that were written; shown early ${shownEarly} times`);
  console.log(`lies    ${liesMet} met, of ${[...liars].join(', ')}; the one who lies is ${spoiler}`);
  const onlyLiar = [...liars].every((name) => name.endsWith(spoiler));
  if (lostBytes > 0 || shownEarly > 0 || !onlyLiar) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
