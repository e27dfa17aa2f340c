import { toHex } from '../../../protocols/base/bytes.ts';
import type { MessageId } from '../../../protocols/base/ids.ts';
import type { Claim } from '../../../protocols/kinds/index.ts';
import {
  areRatesDifferent,
  controlSeeds,
  decide,
  gateState,
  isLossBeyondChance,
  isRateAbove,
  isRateBelow,
  type RerunCounts,
  resampleSeed,
} from '../../../protocols/verdict/index.ts';
import { BENIGN, claimOf, count, POLICY, RERUNS, rerunOf, TRIGGER } from '../samples.ts';
import { firstMessage } from './message.ts';
import { VALUE_DECISIONS } from './verdict-values.ts';

export interface DecisionCase {
  readonly claim: Claim;
  readonly rerun: RerunCounts;
}

const faithful = rerunOf(RERUNS.faithful);
const increase = claimOf({
  effect: { measure: TRIGGER, direction: 'increase', boundPpm: 900_000 },
  counts: [count('baseline', TRIGGER, 4, 400), count('treated', TRIGGER, 396, 400)],
});

/** Each reason code stands in at least one of these. */
const DECISIONS: Record<string, DecisionCase> = {
  faithful: { claim: claimOf(), rerun: faithful },
  'random-vector': { claim: claimOf(), rerun: rerunOf(RERUNS.random) },
  'bad-analog': { claim: claimOf(), rerun: rerunOf(RERUNS['bad-analog']) },
  overdose: { claim: claimOf(), rerun: rerunOf(RERUNS.overdose) },
  'increase-reproduced': {
    claim: increase,
    rerun: rerunOf({
      effect: [4, 0, 392, 4],
      controls: [
        [4, 0, 392, 4],
        [6, 0, 390, 4],
      ],
      gate: [388, 4, 3, 5],
    }),
  },
  'control-does-the-same': {
    claim: claimOf(),
    rerun: rerunOf({
      effect: [4, 396, 0, 0],
      controls: [
        [4, 394, 0, 2],
        [2, 2, 2, 394],
      ],
      gate: [388, 4, 3, 5],
    }),
  },
  'control-unresolved': {
    claim: claimOf(),
    rerun: rerunOf({
      effect: [10, 390, 0, 0],
      controls: [
        [10, 388, 0, 2],
        [6, 9, 4, 381],
      ],
      gate: [388, 4, 3, 5],
    }),
  },
  'too-few-prompts': {
    claim: claimOf({ counts: [count('baseline', TRIGGER, 50, 50), count('treated', TRIGGER, 0, 50)] }),
    rerun: rerunOf({
      effect: [0, 50, 0, 0],
      controls: [
        [0, 49, 0, 1],
        [0, 50, 0, 0],
      ],
      gate: [50, 0, 0, 0],
    }),
  },
  'four-prompts-cannot-tell': {
    claim: claimOf({ counts: [count('baseline', TRIGGER, 4, 4), count('treated', TRIGGER, 0, 4)] }),
    rerun: rerunOf({
      effect: [0, 4, 0, 0],
      controls: [
        [0, 4, 0, 0],
        [0, 4, 0, 0],
      ],
      gate: [4, 0, 0, 0],
    }),
  },
  'baseline-does-it-already': {
    claim: claimOf({ counts: [count('baseline', TRIGGER, 2, 400), count('treated', TRIGGER, 1, 400)] }),
    rerun: rerunOf({
      effect: [1, 1, 0, 398],
      controls: [
        [1, 1, 0, 398],
        [1, 0, 0, 399],
      ],
      gate: [388, 4, 3, 5],
    }),
  },
  'gate-at-its-margin': {
    claim: claimOf(),
    rerun: rerunOf({ ...RERUNS.faithful, gate: [376, 14, 2, 8] }),
  },
  'claimed-counts-differ': {
    claim: claimOf({ counts: [count('baseline', TRIGGER, 50, 400), count('treated', TRIGGER, 4, 400)] }),
    rerun: faithful,
  },
  'claimed-control-is-not-compared': {
    claim: claimOf({ counts: [count('baseline', TRIGGER, 400, 400), count('control', TRIGGER, 0, 400)] }),
    rerun: faithful,
  },
  'no-treated-count': {
    claim: claimOf(),
    rerun: { ...faithful, counts: faithful.counts.filter((each) => each.condition !== 'treated') },
  },
  'two-treated-counts': {
    claim: claimOf(),
    rerun: { ...faithful, counts: [count('treated', TRIGGER, 0, 400), ...faithful.counts] },
  },
  'no-gate-table': {
    claim: claimOf(),
    rerun: { ...faithful, tables: faithful.tables.filter((each) => each.measure !== BENIGN) },
  },
  'one-control-too-few': {
    claim: claimOf(),
    rerun: { ...faithful, tables: faithful.tables.slice(0, -1) },
  },
  'table-that-does-not-add-up': {
    claim: claimOf(),
    rerun: {
      ...faithful,
      tables: faithful.tables.map((each, i) => (i === 0 ? { ...each, neither: each.neither + 1 } : each)),
    },
  },
};

export function buildDecision() {
  return {
    cases: Object.entries({ ...DECISIONS, ...VALUE_DECISIONS }).map(([id, { claim, rerun }]) => {
      const { outcome, reasons } = decide(claim, rerun, POLICY);
      return {
        id,
        policy: POLICY,
        claim,
        counts: rerun.counts,
        tables: rerun.tables,
        estimates: rerun.estimates ?? [],
        differences: rerun.differences ?? [],
        outcome,
        reasons: reasons.map((reason) => reason.code),
      };
    }),
  };
}

/** [k, n, p ppm, alpha ppm], on both sides of where each test turns. */
const RATES: readonly (readonly [number, number, number, number])[] = [
  [0, 58, 50_000, 50_000],
  [0, 59, 50_000, 50_000],
  [1, 92, 50_000, 50_000],
  [1, 93, 50_000, 50_000],
  [5, 207, 50_000, 50_000],
  [5, 208, 50_000, 50_000],
  [4, 400, 50_000, 50_000],
  [400, 400, 950_000, 50_000],
  [0, 0, 50_000, 50_000],
  [0, 10, 0, 50_000],
  [9, 10, 1_000_000, 50_000],
  [10, 10, 1_000_000, 50_000],
  [2_500, 5_000, 511_999, 50_000],
  [2_500, 5_000, 480_001, 1_000],
];
/** [lost, gained, alpha ppm] */
const LOSSES: readonly (readonly [number, number, number])[] = [
  [0, 0, 50_000],
  [4, 0, 50_000],
  [5, 0, 50_000],
  [7, 1, 50_000],
  [6, 1, 50_000],
  [0, 9, 50_000],
  [10, 0, 1_000],
];
/** [k1, n1, k2, n2, alpha ppm] */
const PAIRS: readonly (readonly [number, number, number, number, number])[] = [
  [0, 0, 1, 2, 50_000],
  [3, 3, 0, 3, 100_000],
  [4, 4, 0, 4, 50_000],
  [8, 10, 2, 10, 50_000],
  [50, 400, 400, 400, 1_000],
  [400, 400, 397, 400, 1_000],
];
/** [lost, gained, n, margin ppm] */
const GATES: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 0, 30_000],
  [0, 0, 87, 30_000],
  [0, 0, 88, 30_000],
  [4, 3, 400, 30_000],
  [14, 2, 400, 30_000],
  [380, 0, 400, 30_000],
  [0, 0, 400, 0],
  [6, 0, 400, 0],
  [400, 0, 400, 1_000_000],
  [0, 400, 400, 1_000_000],
];

export function buildExactTests() {
  return {
    rates: RATES.map(([k, n, pPpm, alphaPpm]) => ({
      id: `${k}-of-${n}-against-${pPpm}`,
      k,
      n,
      pPpm,
      alphaPpm,
      below: isRateBelow(k, n, pPpm, alphaPpm),
      above: isRateAbove(k, n, pPpm, alphaPpm),
    })),
    losses: LOSSES.map(([lost, gained, alphaPpm]) => ({
      id: `${lost}-lost-${gained}-gained`,
      lost,
      gained,
      alphaPpm,
      beyondChance: isLossBeyondChance(lost, gained, alphaPpm),
    })),
    pairs: PAIRS.map(([k1, n1, k2, n2, alphaPpm]) => ({
      id: `${k1}-of-${n1}-and-${k2}-of-${n2}`,
      k1,
      n1,
      k2,
      n2,
      alphaPpm,
      different: areRatesDifferent(k1, n1, k2, n2, alphaPpm),
    })),
    gates: GATES.map(([lost, gained, n, marginPpm]) => ({
      id: `${lost}-lost-${gained}-gained-of-${n}-margin-${marginPpm}`,
      lost,
      gained,
      n,
      marginPpm,
      state: gateState(lost, gained, n, marginPpm / 1_000_000),
    })),
  };
}

export function buildControlSeeds() {
  const finding: MessageId = firstMessage().id;
  return {
    cases: [{ id: 'three', finding, seeds: controlSeeds(finding, 3) }],
    resampling: [{ id: 'one', finding, measure: TRIGGER, seed: toHex(resampleSeed(finding, TRIGGER)) }],
  };
}
