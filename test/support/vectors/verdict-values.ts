import type { Claim, Condition, Difference, Estimate } from '../../../protocols/kinds/index.ts';
import { BENIGN, claimOf, count, table } from '../samples.ts';
import type { DecisionCase } from './verdict.ts';

const ODDS = 'refusal-log-odds';
const SURPRISE = 'log-perplexity';

function estimate(
  condition: Condition,
  measure: string,
  [lowMicro, valueMicro, highMicro]: readonly [number, number, number],
  chance?: { readonly draws: number; readonly reached: number },
): Estimate {
  const base = { condition, measure, n: 200, unscored: 0, lowMicro, valueMicro, highMicro };
  return chance === undefined ? base : { ...base, chance };
}

function difference(
  against: Condition,
  measure: string,
  [lowMicro, valueMicro, highMicro]: readonly [number, number, number],
  [higher, lower]: readonly [number, number],
): Difference {
  return { against, measure, n: 200, unscored: 0, lowMicro, valueMicro, highMicro, higher, lower };
}

/** Refusal falls to a log-odds of at most -2, benign texts surprise it by at most ln 1.1 more. */
function oddsClaim(changes: Partial<Claim> = {}): Claim {
  return claimOf({
    effect: { measure: ODDS, direction: 'decrease', boundMicro: -2_000_000, test: 'paired' },
    gates: [{ measure: SURPRISE, maximumRiseMicro: 95_310 }],
    counts: [],
    estimates: [estimate('treated', ODDS, [-4_200_000, -4_000_000, -3_800_000])],
    ...changes,
  });
}

const paired = {
  counts: [],
  tables: [],
  estimates: [
    estimate('baseline', ODDS, [5_800_000, 6_000_000, 6_200_000]),
    estimate('treated', ODDS, [-4_100_000, -3_900_000, -3_700_000]),
    estimate('control', ODDS, [5_500_000, 5_800_000, 6_100_000]),
    estimate('control', ODDS, [5_600_000, 5_900_000, 6_200_000]),
  ],
  differences: [
    difference('baseline', ODDS, [-10_200_000, -9_900_000, -9_600_000], [0, 200]),
    difference('control', ODDS, [-10_000_000, -9_700_000, -9_400_000], [1, 199]),
    difference('control', ODDS, [-10_100_000, -9_800_000, -9_500_000], [0, 200]),
    difference('baseline', SURPRISE, [4_000, 10_000, 16_000], [120, 80]),
  ],
};

/** An analog's unembeddings against its frontier model's. */
function fidelityClaim(changes: Partial<Claim> = {}): Claim {
  return {
    effect: { measure: 'unembedding-cosine', direction: 'increase', boundMicro: 450_000, test: 'chance' },
    gates: [],
    counts: [],
    estimates: [estimate('treated', 'unembedding-cosine', [470_000, 497_000, 520_000])],
    ...changes,
  };
}

function fidelity(
  bounds: readonly [number, number, number],
  reached = 0,
  random: readonly (readonly [number, number, number])[] = [
    [-20_000, 1_000, 20_000],
    [-10_000, 4_000, 30_000],
  ],
): DecisionCase['rerun'] {
  return {
    counts: [],
    tables: [],
    estimates: [
      estimate('treated', 'unembedding-cosine', bounds, { draws: 999, reached }),
      ...random.map((each) => estimate('control', 'unembedding-cosine', each)),
    ],
    differences: [],
  };
}

const swap = <Item>(items: readonly Item[], at: number, item: Item): Item[] => items.with(at, item);

/** Claims about numbers. The policy of the vectors asks for two controls, also of what compares itself with chance. */
export const VALUE_DECISIONS: Readonly<Record<string, DecisionCase>> = {
  'log-odds-fall': { claim: oddsClaim(), rerun: paired },
  'log-odds-stay': {
    claim: oddsClaim({ estimates: [estimate('baseline', ODDS, [5_800_000, 6_000_000, 6_200_000])] }),
    rerun: {
      ...paired,
      estimates: swap(paired.estimates, 1, estimate('treated', ODDS, [5_700_000, 5_900_000, 6_100_000])),
      differences: swap(
        paired.differences,
        0,
        difference('baseline', ODDS, [-90_000, -10_000, 70_000], [98, 102]),
      ),
    },
  },
  'log-odds-near-the-bound': {
    claim: oddsClaim({ estimates: [estimate('treated', ODDS, [-2_300_000, -2_100_000, -1_900_000])] }),
    rerun: {
      ...paired,
      estimates: swap(paired.estimates, 1, estimate('treated', ODDS, [-2_300_000, -2_100_000, -1_900_000])),
    },
  },
  'a-random-vector-lowers-them-as-well': {
    claim: oddsClaim(),
    rerun: {
      ...paired,
      estimates: swap(paired.estimates, 3, estimate('control', ODDS, [-4_000_000, -3_800_000, -3_600_000])),
      differences: swap(
        paired.differences,
        2,
        difference('control', ODDS, [-200_000, -100_000, 0], [95, 105]),
      ),
    },
  },
  'a-random-vector-lowers-them-somewhat': {
    claim: oddsClaim(),
    rerun: {
      ...paired,
      estimates: swap(paired.estimates, 3, estimate('control', ODDS, [-2_100_000, -1_900_000, -1_700_000])),
      differences: swap(
        paired.differences,
        2,
        difference('control', ODDS, [-2_500_000, -2_000_000, -1_500_000], [95, 105]),
      ),
    },
  },
  'texts-surprise-it-more': {
    claim: oddsClaim(),
    rerun: {
      ...paired,
      differences: swap(
        paired.differences,
        3,
        difference('baseline', SURPRISE, [96_000, 120_000, 140_000], [180, 20]),
      ),
    },
  },
  'texts-surprise-it-perhaps-more': {
    claim: oddsClaim(),
    rerun: {
      ...paired,
      differences: swap(
        paired.differences,
        3,
        difference('baseline', SURPRISE, [80_000, 90_000, 99_000], [150, 50]),
      ),
    },
  },
  'claimed-log-odds-are-others': {
    claim: oddsClaim({ estimates: [estimate('treated', ODDS, [-9_000_000, -8_800_000, -8_600_000])] }),
    rerun: paired,
  },
  'a-number-with-a-gate-on-a-rate': {
    claim: oddsClaim({ gates: [{ measure: BENIGN, maximumDropPpm: 30_000 }] }),
    rerun: {
      ...paired,
      counts: [count('baseline', BENIGN, 392, 400), count('treated', BENIGN, 391, 400)],
      tables: [table('baseline', BENIGN, [388, 4, 3, 5])],
    },
  },
  'no-difference-from-baseline': {
    claim: oddsClaim(),
    rerun: { ...paired, differences: paired.differences.slice(1) },
  },
  'one-random-vector-too-few': {
    claim: oddsClaim(),
    rerun: { ...paired, estimates: paired.estimates.slice(0, -1) },
  },
  'a-gate-that-was-not-measured': {
    claim: oddsClaim(),
    rerun: { ...paired, differences: paired.differences.slice(0, -1) },
  },
  'faithful-unembeddings': { claim: fidelityClaim(), rerun: fidelity([470_000, 497_000, 520_000]) },
  'unfaithful-unembeddings': {
    claim: fidelityClaim({
      estimates: [estimate('treated', 'unembedding-cosine', [330_000, 353_000, 380_000])],
    }),
    rerun: fidelity([330_000, 353_000, 380_000]),
  },
  'forty-nine-of-999-arrangements-come-as-far': {
    claim: fidelityClaim(),
    rerun: fidelity([470_000, 497_000, 520_000], 49),
  },
  'forty-eight-of-999-arrangements-come-as-far': {
    claim: fidelityClaim(),
    rerun: fidelity([470_000, 497_000, 520_000], 48),
  },
  'a-random-direction-reads-as-well': {
    claim: fidelityClaim(),
    rerun: fidelity([470_000, 497_000, 520_000], 0, [
      [-20_000, 1_000, 20_000],
      [460_000, 480_000, 500_000],
    ]),
  },
  'not-compared-with-chance': {
    claim: fidelityClaim(),
    rerun: {
      ...fidelity([470_000, 497_000, 520_000]),
      estimates: [estimate('treated', 'unembedding-cosine', [470_000, 497_000, 520_000])],
    },
  },
};
