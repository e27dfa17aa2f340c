import { describe, expect, it } from 'vitest';
import { CLAUSES, type OversightPolicy } from '../../protocols/kinds/index.ts';
import { type Assessment, assessAll } from '../../protocols/oversight/index.ts';
import { enact } from '../support/oversight/enact.ts';
import { SCENARIO_MEMBERS } from '../support/oversight/members.ts';
import { type Expected, expectAll } from '../support/oversight/oracle.ts';
import { LAST, MODELS, makeScenario } from '../support/oversight/scenario.ts';
import { World } from '../support/oversight/world.ts';
import { hasAllRuns, runsOf } from '../support/runs.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';

const DATES = runsOf(200);
const BEGIN = Date.UTC(2026, 0, 1);

describe('a federation over three years', () => {
  const random = randomFrom(testSeed());
  const { policy, deeds } = makeScenario(random);
  const world = new World(SCENARIO_MEMBERS, policy as unknown as OversightPolicy);
  const ids = enact(world, deeds);
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const dossiers = world.dossiers();

  const assessed = (at: number) => assessAll(dossiers, world.policyOf, at);
  const asExpected = (assessment: Assessment): Expected => ({
    model: names.get(assessment.frontier) ?? '',
    analog: assessment.analog === null ? null : (names.get(assessment.analog) ?? ''),
    obligation: assessment.obligation,
    overall: assessment.overall,
    clauses: Object.fromEntries(
      assessment.clauses.map((each) => [
        each.clause,
        each.state === 'pending' ? `pending ${each.until}` : each.state,
      ]),
    ),
  });
  const byModel = (all: readonly Expected[]) => all.toSorted((a, b) => a.model.localeCompare(b.model));

  it('has the models, and messages that all count', () => {
    const record = world.fold.record();
    expect(record.frontierReleases).toHaveLength(MODELS);
    expect(world.messages.filter(({ id }) => world.fold.statusOf(id)?.status !== 'valid')).toEqual([]);
  });

  it(`is assessed on ${DATES} dates as the oracle expects, clause by clause`, () => {
    const dates = Array.from({ length: DATES / 2 }, () => BEGIN + pickBelow(random, LAST - BEGIN));
    // and around the moments when something ends
    const ends = assessed(LAST).flatMap(({ clock }) => (clock === null ? [] : [clock.ends, clock.opens]));
    while (dates.length < DATES) {
      const end = ends[pickBelow(random, ends.length)] as number;
      dates.push(end - pickBelow(random, 2));
    }
    const seen = new Set<string>();
    for (const at of dates) {
      const got = byModel(assessed(at).map(asExpected));
      expect(got, new Date(at).toISOString()).toEqual(byModel(expectAll(policy, deeds, at)));
      for (const { clauses } of got)
        for (const [clause, state] of Object.entries(clauses)) seen.add(`${clause} ${state}`);
    }
    // what the scenario shows: each clause both ways, but M20, which only says the phase
    if (!hasAllRuns) return;
    const judged = CLAUSES.filter((clause) => clause !== 'M20');
    expect(judged.filter((clause) => !seen.has(`${clause} met`))).toEqual([]);
    expect(judged.filter((clause) => !seen.has(`${clause} not-met`))).toEqual([]);
  });
});
