import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../protocols/kinds/index.ts';
import { decide, type RerunCounts } from '../../../protocols/verdict/index.ts';
import { BENIGN, claimOf, count, POLICY, RERUNS, rerunOf, TRIGGER, table } from '../../support/samples.ts';

const faithful = rerunOf(RERUNS.faithful);

function judge(rerun: RerunCounts, claim: Claim = claimOf(), policy = POLICY) {
  const { outcome, reasons } = decide(claim, rerun, policy);
  return { outcome, reasons: reasons.map((reason) => reason.code) };
}

describe('the four findings of the demonstration', () => {
  it('the direction found on the analog is confirmed', () => {
    expect(judge(faithful)).toEqual({
      outcome: 'confirmed',
      reasons: ['effect-reproduced', 'beats-control', 'gate-passed'],
    });
  });

  it('a random vector is refuted: nothing moved', () => {
    const { outcome, reasons } = judge(rerunOf(RERUNS.random));
    expect(outcome).toBe('refuted');
    expect(reasons).toEqual(expect.arrayContaining(['effect-not-reproduced', 'no-change-from-baseline']));
  });

  it('the unfaithful analog is refuted: some moved, not enough', () => {
    const { outcome, reasons } = judge(rerunOf(RERUNS['bad-analog']));
    expect(outcome).toBe('refuted');
    expect(reasons).toContain('effect-not-reproduced');
    expect(reasons).not.toContain('no-change-from-baseline');
  });

  it('the overdose is refuted by its gate alone', () => {
    expect(judge(rerunOf(RERUNS.overdose))).toEqual({
      outcome: 'refuted',
      reasons: ['effect-reproduced', 'beats-control', 'gate-failed'],
    });
  });
});

describe('an incomplete re-run', () => {
  const without = (drop: (key: string) => boolean): RerunCounts => ({
    counts: faithful.counts.filter((each) => !drop(`${each.condition} ${each.measure}`)),
    tables: faithful.tables.filter((each) => !drop(`table ${each.left} ${each.measure}`)),
  });
  const first = faithful.tables[0] as RerunCounts['tables'][number];

  it.each([
    ['nothing', { counts: [], tables: [] }],
    ['no baseline count', without((key) => key === `baseline ${TRIGGER}`)],
    ['no treated count', without((key) => key === `treated ${TRIGGER}`)],
    ['no gate count', without((key) => key === `treated ${BENIGN}`)],
    ['no table of the effect', without((key) => key === `table baseline ${TRIGGER}`)],
    ['no table of the gate', without((key) => key === `table baseline ${BENIGN}`)],
    ['no controls', without((key) => key === `table control ${TRIGGER}`)],
    ['two tables of the effect', { ...faithful, tables: [first, ...faithful.tables] }],
    ['two treated counts', { ...faithful, counts: [count('treated', TRIGGER, 0, 400), ...faithful.counts] }],
    [
      'two baseline counts',
      { ...faithful, counts: [...faithful.counts, count('baseline', BENIGN, 400, 400)] },
    ],
    [
      'a table over other prompts',
      { ...faithful, tables: [{ ...first, neither: 1 }, ...faithful.tables.slice(1)] },
    ],
    [
      'a table of other outcomes',
      { ...faithful, tables: [{ ...first, both: 5, leftOnly: 395 }, ...faithful.tables.slice(1)] },
    ],
    [
      'a further table that does not add up',
      { ...faithful, tables: [...faithful.tables, table('native', TRIGGER, [1, 0, 0, 0])] },
    ],
  ] as const)('%s', (_id, rerun) => {
    expect(judge(rerun)).toEqual({ outcome: 'inconclusive', reasons: ['counts-incomplete'] });
  });

  it('fewer controls than the policy asks for', () => {
    expect(judge(faithful, claimOf(), { ...POLICY, controls: 3 }).reasons).toEqual(['counts-incomplete']);
    expect(judge(faithful, claimOf(), { ...POLICY, controls: 1 }).outcome).toBe('confirmed');
  });
});

describe('change from the baseline', () => {
  const small = (moved: number, stayed: number) =>
    rerunOf({
      effect: [stayed, moved, 0, 0],
      controls: [
        [stayed, moved, 0, 0],
        [stayed, moved, 0, 0],
      ],
      gate: [50, 0, 0, 0],
    });

  it('four prompts cannot show one, even if all move', () => {
    const { outcome, reasons } = judge(
      small(4, 0),
      claimOf({ counts: [count('baseline', TRIGGER, 4, 4), count('treated', TRIGGER, 0, 4)] }),
    );
    expect(outcome).toBe('inconclusive');
    expect(reasons).toContain('change-unresolved');
  });

  it('none, where there could have been one, refutes', () => {
    expect(judge(small(0, 5)).reasons).toContain('no-change-from-baseline');
  });

  it('none, because the untreated model does it already, refutes', () => {
    const rerun = rerunOf({
      effect: [0, 0, 0, 400],
      controls: [
        [0, 0, 0, 400],
        [0, 0, 0, 400],
      ],
      gate: [388, 4, 3, 5],
    });
    expect(
      judge(
        rerun,
        claimOf({ counts: [count('baseline', TRIGGER, 0, 400), count('treated', TRIGGER, 0, 400)] }),
      ),
    ).toMatchObject({ outcome: 'refuted' });
  });

  it('what has no effect is not compared with controls', () => {
    const { reasons } = judge(rerunOf(RERUNS.random));
    expect(reasons.filter((code) => code.includes('control'))).toEqual([]);
  });
});

describe('controls', () => {
  const withControl = (...cells: readonly [number, number, number, number]) =>
    judge(rerunOf({ ...RERUNS.faithful, controls: [RERUNS.faithful.controls[0], cells] }));

  it('one that does the same refutes, however good the others', () => {
    expect(withControl(2, 2, 2, 394)).toMatchObject({ outcome: 'refuted' });
    expect(withControl(2, 2, 2, 394).reasons).toContain('control-does-the-same');
  });

  it('one that is not told apart leaves it open', () => {
    const rerun = rerunOf({
      effect: [10, 390, 0, 0],
      controls: [
        [10, 388, 0, 2],
        [6, 9, 4, 381],
      ],
      gate: [388, 4, 3, 5],
    });
    expect(judge(rerun)).toEqual({
      outcome: 'inconclusive',
      reasons: ['effect-reproduced', 'control-unresolved', 'gate-passed'],
    });
  });

  it('one that satisfies the bound but is beaten does not make another one refute', () => {
    const rerun = rerunOf({
      effect: [0, 400, 0, 0],
      controls: [
        [0, 9, 0, 391], // under 5 %, and beaten
        [0, 4, 0, 396], // under 5 %, and not told apart
      ],
      gate: [388, 4, 3, 5],
    });
    expect(judge(rerun).reasons).toContain('control-does-the-same');
    const open = rerunOf({
      effect: [12, 388, 0, 0],
      controls: [
        [0, 9, 12, 379], // under 5 %: better than the treatment
        [12, 300, 0, 88], // beaten
      ],
      gate: [388, 4, 3, 5],
    });
    expect(judge(open).reasons).toContain('control-does-the-same');
    const beatenOnly = rerunOf({
      effect: [0, 400, 0, 0],
      controls: [
        [0, 9, 0, 391], // under 5 %, and beaten
        [0, 30, 0, 370], // over 5 %, and beaten
      ],
      gate: [388, 4, 3, 5],
    });
    expect(judge(beatenOnly).outcome).toBe('confirmed');
  });
});

describe('claimed counts', () => {
  it('that chance explains are no reason', () => {
    const claim = claimOf({
      counts: [count('baseline', TRIGGER, 100, 100), count('treated', TRIGGER, 0, 100)],
    });
    expect(judge(faithful, claim).outcome).toBe('confirmed');
  });

  it('that chance does not explain refute, once for each', () => {
    const claim = claimOf({
      counts: [count('baseline', TRIGGER, 50, 400), count('treated', TRIGGER, 300, 400)],
    });
    expect(judge(faithful, claim).reasons.filter((code) => code === 'claimed-counts-differ')).toHaveLength(2);
  });

  it('of controls and of measures that nobody re-ran are not compared', () => {
    const claim = claimOf({ counts: [count('control', TRIGGER, 0, 400), count('native', 'other', 0, 400)] });
    expect(judge(faithful, claim).outcome).toBe('confirmed');
  });
});

describe('a claimed increase', () => {
  const claim = claimOf({
    effect: { measure: TRIGGER, direction: 'increase', boundPpm: 900_000 },
    counts: [count('baseline', TRIGGER, 4, 400), count('treated', TRIGGER, 396, 400)],
  });

  it('is the mirror image', () => {
    const rerun = rerunOf({
      effect: [4, 0, 392, 4],
      controls: [
        [4, 0, 392, 4],
        [6, 0, 390, 4],
      ],
      gate: [388, 4, 3, 5],
    });
    expect(judge(rerun, claim).outcome).toBe('confirmed');
    expect(judge(faithful, claim).outcome).toBe('refuted');
  });
});
