import type {
  Claim,
  ConditionCount,
  PairedTable,
  RateEffect,
  RateGate,
  VerificationPolicy,
} from '../kinds/index.ts';
import type { RerunCounts } from './decide.ts';
import { areRatesDifferent, isLossBeyondChance, isRateAbove, isRateBelow } from './exact.ts';
import { gateState } from './non-inferiority.ts';
import type { Reason } from './reasons.ts';

/** Claimed and measured counts may differ by chance; this rarely. spec 07-verdict §2.6 */
const CLAIM_ALPHA_PPM = 1_000;

/** One baseline count, one treated count and one table of both for each measure. spec 07-verdict §2.1 */
export function findMissing(measures: readonly string[], rerun: RerunCounts): string | null {
  for (const each of measures) {
    for (const condition of ['baseline', 'treated'] as const) {
      const found = findCounts(rerun, condition, each).length;
      if (found !== 1) return `${found} ${condition} counts of ${each}, not one`;
    }
    if (findTables(rerun, 'baseline', each).length !== 1) return `not one paired table of ${each}`;
  }
  const odd = rerun.tables.find((table) => !agrees(table, rerun));
  return odd === undefined ? null : `the table of ${odd.measure} does not add up to its counts`;
}

export function findMissingControls(
  { measure }: RateEffect,
  rerun: RerunCounts,
  policy: VerificationPolicy,
): string | null {
  const controls = findTables(rerun, 'control', measure).length;
  return controls < policy.controls ? `${controls} of ${policy.controls} random controls` : null;
}

/** A table's margins must be the counts it pairs; an unscored prompt is in neither. */
function agrees(table: PairedTable, rerun: RerunCounts): boolean {
  const n = table.both + table.leftOnly + table.rightOnly + table.neither;
  const has = (condition: ConditionCount['condition'], k: number) =>
    rerun.counts.some(
      (count) =>
        count.condition === condition && count.measure === table.measure && count.n === n && count.k === k,
    );
  return has(table.left, table.both + table.leftOnly) && has(table.right, table.both + table.rightOnly);
}

export function effectRule(effect: RateEffect, rerun: RerunCounts, { alphaPpm }: VerificationPolicy) {
  return {
    reached: () => judgeReached(effect, rerun, alphaPpm),
    change: () => judgeChange(effect, rerun, alphaPpm),
    controls: () => [judgeControls(effect, rerun, alphaPpm)],
  };
}

function judgeReached(effect: RateEffect, rerun: RerunCounts, alphaPpm: number): Reason {
  const treated = findCount(rerun, 'treated', effect.measure) as ConditionCount;
  const seen = `${effect.measure} ${treated.k}/${treated.n}, claimed ${effect.direction === 'decrease' ? 'at most' : 'at least'} ${percent(effect.boundPpm)}`;
  const below = isRateBelow(treated.k, treated.n, effect.boundPpm, alphaPpm);
  const above = isRateAbove(treated.k, treated.n, effect.boundPpm, alphaPpm);
  const [holds, fails] = effect.direction === 'decrease' ? [below, above] : [above, below];
  if (holds) return { code: 'effect-reproduced', detail: seen };
  return { code: fails ? 'effect-not-reproduced' : 'effect-unresolved', detail: seen };
}

function judgeChange(effect: RateEffect, rerun: RerunCounts, alphaPpm: number): Reason[] {
  const table = findTables(rerun, 'baseline', effect.measure)[0] as PairedTable;
  const { moved, back } = movement(table, effect.direction);
  if (isLossBeyondChance(moved, back, alphaPpm)) return [];
  const detail = `${moved} prompts moved as claimed, ${back} the other way`;
  const k = table.both + table.leftOnly;
  const n = k + table.rightOnly + table.neither;
  // too few prompts to show any change, even if all had moved
  const room = effect.direction === 'decrease' ? k : n - k;
  const telling = isLossBeyondChance(room, 0, alphaPpm) || meetsBound(effect, k, n, alphaPpm);
  return [{ code: telling ? 'no-change-from-baseline' : 'change-unresolved', detail }];
}

/** The weakest random control decides: one that does what the treatment does is enough to refute. */
function judgeControls(effect: RateEffect, rerun: RerunCounts, alphaPpm: number): Reason {
  const tables = findTables(rerun, 'control', effect.measure);
  const unbeaten = tables.filter((table) => {
    const { moved, back } = movement(table, effect.direction);
    return !isLossBeyondChance(moved, back, alphaPpm);
  });
  const detail = `better than ${tables.length - unbeaten.length} of ${tables.length} random vectors of the same norm`;
  if (unbeaten.length === 0) return { code: 'beats-control', detail };
  const equal = unbeaten.some((table) => {
    const k = table.both + table.leftOnly;
    const n = k + table.rightOnly + table.neither;
    return meetsBound(effect, k, n, alphaPpm);
  });
  return { code: equal ? 'control-does-the-same' : 'control-unresolved', detail };
}

/** spec 07-verdict §2.5 */
export function judgeGate(gate: RateGate, rerun: RerunCounts): Reason {
  const table = findTables(rerun, 'baseline', gate.measure)[0] as PairedTable;
  const n = table.both + table.leftOnly + table.rightOnly + table.neither;
  const state = gateState(table.leftOnly, table.rightOnly, n, gate.maximumDropPpm / 1_000_000);
  const before = table.both + table.leftOnly;
  const after = table.both + table.rightOnly;
  const detail = `${gate.measure} ${before}/${n} before, ${after}/${n} after; may fall by ${percent(gate.maximumDropPpm)}`;
  return { code: `gate-${state}` as const, detail };
}

/** spec 07-verdict §2.6 */
export function judgeClaimed(claim: Claim, rerun: RerunCounts): Reason[] {
  return claim.counts.flatMap((claimed): Reason[] => {
    const seen = findCount(rerun, claimed.condition, claimed.measure);
    if (seen === undefined || claimed.condition === 'control') return [];
    if (!areRatesDifferent(claimed.k, claimed.n, seen.k, seen.n, CLAIM_ALPHA_PPM)) return [];
    const detail = `${claimed.condition} ${claimed.measure}: claimed ${claimed.k}/${claimed.n}, seen ${seen.k}/${seen.n}`;
    return [{ code: 'claimed-counts-differ', detail }];
  });
}

/** Does a rate lie beyond the bound, as the claim says of the treated one? */
function meetsBound({ direction, boundPpm }: RateEffect, k: number, n: number, alphaPpm: number): boolean {
  return direction === 'decrease'
    ? isRateBelow(k, n, boundPpm, alphaPpm)
    : isRateAbove(k, n, boundPpm, alphaPpm);
}

/** Discordant prompts, from the left condition to the treated one, in the claimed direction and against it. */
function movement(table: PairedTable, direction: 'decrease' | 'increase') {
  return direction === 'decrease'
    ? { moved: table.leftOnly, back: table.rightOnly }
    : { moved: table.rightOnly, back: table.leftOnly };
}

function findCount(rerun: RerunCounts, condition: ConditionCount['condition'], measure: string) {
  return findCounts(rerun, condition, measure)[0];
}

function findCounts(rerun: RerunCounts, condition: ConditionCount['condition'], measure: string) {
  return rerun.counts.filter((count) => count.condition === condition && count.measure === measure);
}

function findTables(rerun: RerunCounts, left: ConditionCount['condition'], measure: string) {
  return rerun.tables.filter(
    (table) => table.left === left && table.right === 'treated' && table.measure === measure,
  );
}

function percent(ppm: number): string {
  return `${ppm / 10_000} %`;
}
