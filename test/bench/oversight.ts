import type { OversightPolicy } from '../../protocols/kinds/index.ts';
import { assessAll, Dossiers } from '../../protocols/oversight/index.ts';
import { enact } from '../support/oversight/enact.ts';
import { SCENARIO_MEMBERS } from '../support/oversight/members.ts';
import { LAST, makeScenario } from '../support/oversight/scenario.ts';
import { World } from '../support/oversight/world.ts';
import { randomFrom } from '../support/seed.ts';
import { describeDevice, round } from './device.ts';
import { measureFirstContent } from './first-content.ts';
import { quantile } from './quantile.ts';

const SEED = 1;
const RUNS = 101;

/** Prints one JSON object on stdout; README.md says what each figure means. */
const { policy, deeds } = makeScenario(randomFrom(SEED));
const world = new World(SCENARIO_MEMBERS, policy as unknown as OversightPolicy);
enact(world, deeds);
const record = world.fold.record();
const times: number[] = [];
let models = 0;
for (let run = 0; run < RUNS; run++) {
  const begin = performance.now();
  models = assessAll(new Dossiers(record), world.policyOf, LAST).length;
  times.push(performance.now() - begin);
}
const page = await measureFirstContent();
const figures = {
  device: describeDevice(),
  values: {
    models,
    messages: world.messages.length,
    statements: record.statements.length,
    assessAllMs: round(quantile(times, 0.5)),
    assessAllFirstMs: round(times[0] ?? 0),
    assessAllP95Ms: round(quantile(times, 0.95)),
    firstContentMs: round(quantile(page.releasesMs, 0.5)),
    firstContentColdMs: round(page.coldMs),
    firstContentFindingsMs: round(quantile(page.findingsMs, 0.5)),
    firstContentMessages: page.messages,
  },
};
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
