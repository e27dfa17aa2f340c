import { z } from 'zod';
import { toHex } from '../../../protocols/base/bytes.ts';
import type { MessageId } from '../../../protocols/base/ids.ts';
import {
  type ConditionCount,
  claim,
  type Difference,
  type Estimate,
  type PairedTable,
} from '../../../protocols/kinds/index.ts';
import {
  areRatesDifferent,
  controlSeeds,
  decide,
  gateState,
  isLossBeyondChance,
  isRateAbove,
  isRateBelow,
  resampleSeed,
} from '../../../protocols/verdict/index.ts';
import { count, type Operations, operation } from './operation.ts';

/** 07-verdict. */
export const VERDICT_OPERATIONS: Operations = {
  'verdict.decide': operation(
    z.object({
      policy: z.object({ quorum: count, alphaPpm: count, controls: count }),
      claim,
      counts: z.custom<readonly ConditionCount[]>(Array.isArray),
      tables: z.custom<readonly PairedTable[]>(Array.isArray),
      estimates: z.custom<readonly Estimate[]>(Array.isArray),
      differences: z.custom<readonly Difference[]>(Array.isArray),
    }),
    ({ policy, claim: claimed, ...rerun }) => {
      const { outcome, reasons } = decide(claimed, rerun, policy);
      return { outcome, reasons: reasons.map(({ code }) => code) };
    },
  ),
  'verdict.control-seeds': operation(
    z.object({ finding: z.custom<MessageId>((value) => typeof value === 'string'), count }),
    (input) => ({ seeds: controlSeeds(input.finding, input.count) }),
  ),
  'verdict.resample-seed': operation(
    z.object({ finding: z.string(), measure: z.string() }),
    ({ finding, measure }) => ({ seed: toHex(resampleSeed(finding, measure)) }),
  ),
  'verdict.rate': operation(
    z.object({ k: count, n: count, pPpm: count, alphaPpm: count }),
    ({ k, n, pPpm, alphaPpm }) => ({
      below: isRateBelow(k, n, pPpm, alphaPpm),
      above: isRateAbove(k, n, pPpm, alphaPpm),
    }),
  ),
  'verdict.loss': operation(
    z.object({ lost: count, gained: count, alphaPpm: count }),
    ({ lost, gained, alphaPpm }) => ({ beyondChance: isLossBeyondChance(lost, gained, alphaPpm) }),
  ),
  'verdict.pair': operation(
    z.object({ k1: count, n1: count, k2: count, n2: count, alphaPpm: count }),
    ({ k1, n1, k2, n2, alphaPpm }) => ({ different: areRatesDifferent(k1, n1, k2, n2, alphaPpm) }),
  ),
  'verdict.gate': operation(
    z.object({ lost: count, gained: count, n: count, marginPpm: count }),
    ({ lost, gained, n, marginPpm }) => ({ state: gateState(lost, gained, n, marginPpm / 1_000_000) }),
  ),
};
