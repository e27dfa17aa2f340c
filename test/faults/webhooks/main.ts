import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { testSeed } from '../../support/seed.ts';
import { deliverThroughKills } from './deliver.ts';

/** `npm run test:faults:webhooks -- [--events n] [--kills n]`; TEST_SEED repeats a run's moments of death */
const { values } = parseArgs({
  options: { events: { type: 'string', default: '10000' }, kills: { type: 'string', default: '20' } },
});
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
const folder = await mkdtemp(join(tmpdir(), 'webhooks-'));
const begin = performance.now();
try {
  const report = await deliverThroughKills({
    folder,
    seed: testSeed(),
    events: Number(values.events),
    kills: Number(values.kills),
    signal: stop.signal,
    onRound: (line) => console.log(line),
  });
  const { events, deliveries, kills, forged, distinct } = report;
  const isInOrder = distinct.every((cursor, i) => cursor === i + 1);
  console.log(`events      ${events}, the node killed ${kills} times`);
  console.log(`deliveries  ${deliveries}, ${deliveries - events} of them again, ${forged} not signed`);
  console.log(
    `in order    ${isInOrder ? 'all' : 'NOT ALL'}, after ${((performance.now() - begin) / 1_000).toFixed(0)} s`,
  );
  if (!isInOrder || forged > 0 || distinct.length < events) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
