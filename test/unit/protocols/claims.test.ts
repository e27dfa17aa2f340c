import { describe, expect, it } from 'vitest';
import { checkBody, claim, hasValues } from '../../../protocols/kinds/index.ts';
import { policyFor, resampleSeed, ruleOf } from '../../../protocols/verdict/index.ts';
import { claimOf, count, findingBody, POLICY } from '../../support/samples.ts';

const estimate = {
  condition: 'treated',
  measure: 'fidelity',
  n: 100,
  unscored: 0,
  valueMicro: 5,
  lowMicro: -3,
  highMicro: 9,
};
const number = { measure: 'fidelity', direction: 'increase', boundMicro: -7 };
const chance = {
  effect: { ...number, test: 'chance' },
  gates: [],
  counts: [],
  estimates: [estimate],
};
const paired = {
  ...chance,
  effect: { ...number, test: 'paired' },
  gates: [{ measure: 'x', maximumRiseMicro: 1 }],
};

describe('claims', () => {
  it.each<[string, unknown, boolean]>([
    ['a rate with its gate', claimOf(), true],
    ['a rate without gates', claimOf({ gates: [] }), false],
    ['a rate with one count', claimOf({ counts: [count('treated', 'trigger-rate', 1, 2)] }), false],
    ['a number against chance', chance, true],
    ['a number without an estimate', { ...chance, estimates: [] }, false],
    ['a number against baseline, with a gate', paired, true],
    ['a number against baseline, without', { ...paired, gates: [] }, false],
    ['a number with a gate on a rate', { ...paired, gates: [{ measure: 'x', maximumDropPpm: 1 }] }, true],
    ['a test that there is not', { ...chance, effect: { ...number, test: 'none' } }, false],
    ['a fraction', { ...chance, effect: { ...chance.effect, boundMicro: 0.5 } }, false],
    ['a value outside its bounds', { ...chance, estimates: [{ ...estimate, valueMicro: 10 }] }, false],
  ])('%s', (_, claimed, accepted) => {
    expect(claim.safeParse(claimed).success).toBe(accepted);
  });

  it('name the rule that judges them', () => {
    expect(ruleOf(claim.parse(claimOf()))).toBe('decision/1');
    expect(ruleOf(claim.parse(chance))).toBe('decision/2');
    const mixed = claimOf({ gates: [{ measure: 'x', maximumRiseMicro: 1 }] });
    expect(hasValues(mixed)).toBe(true);
  });
});

describe('findings', () => {
  const body = findingBody('finding');
  const fidelity = { ...body, intervention: null, claim: chance };
  const bound = { ...chance, effect: { ...number, test: 'bound' } };
  it.each<[string, object, boolean]>([
    ['an intervention on a rate', body, true],
    ['an intervention on a number', { ...body, claim: paired }, true],
    ['an intervention that reads', { ...body, claim: chance }, true],
    ['an intervention against a bound alone', { ...body, claim: bound }, false],
    ['fidelity against chance', fidelity, true],
    ['fidelity against a bound', { ...fidelity, claim: bound }, true],
    ['fidelity without a source', { ...fidelity, claim: bound, source: null }, true],
    ['fidelity against a baseline', { ...fidelity, claim: paired }, false],
    ['fidelity as a rate', { ...fidelity, claim: claimOf() }, false],
    ['fidelity with gates', { ...fidelity, claim: { ...chance, gates: paired.gates } }, false],
  ])('%s', (_, finding, accepted) => {
    expect(checkBody('finding/1', finding as never) === null).toBe(accepted);
  });

  it('that change nothing need no controls', () => {
    expect(policyFor({ intervention: null }, POLICY)).toEqual({ ...POLICY, controls: 0 });
    expect(policyFor({ intervention: 'x' }, POLICY)).toBe(POLICY);
  });

  it('give each measure random numbers of its own', () => {
    expect(resampleSeed('a', 'x')).toEqual(resampleSeed('a', 'x'));
    expect(resampleSeed('a', 'x')).not.toEqual(resampleSeed('a', 'y'));
    expect(resampleSeed('a', 'x')).not.toEqual(resampleSeed('b', 'x'));
  });
});
