import { z } from 'zod';
import { conditionCount, contentId, contentReference, measureId, messageId, ppm, text } from './common.ts';
import { estimate, micro } from './estimate.ts';

const modelReference = z.looseObject({
  checkpoint: contentId,
  /** The release that announced it, where there is one. */
  release: messageId.nullable(),
});

/** A claim about a rate: the share of prompts with the outcome that the measure counts. spec 07-verdict §1.1 */
const rateEffect = z.looseObject({
  measure: measureId,
  /** `decrease`: the treated rate is at most `boundPpm`; `increase`: at least. */
  direction: z.enum(['decrease', 'increase']),
  boundPpm: ppm,
});
export type RateEffect = z.infer<typeof rateEffect>;

/** A claim about a number: a mean of scores or a statistic of all of them. spec 07-verdict §7.2 */
const valueEffect = z.looseObject({
  measure: measureId,
  direction: z.enum(['decrease', 'increase']),
  boundMicro: micro,
  /** What it must beat: the untreated model prompt by prompt; chance; or, of a model that nothing changes, the bound alone. */
  test: z.enum(['paired', 'chance', 'bound']),
});
export type ValueEffect = z.infer<typeof valueEffect>;

const rateGate = z.looseObject({ measure: measureId, maximumDropPpm: ppm });
export type RateGate = z.infer<typeof rateGate>;
const valueGate = z.looseObject({ measure: measureId, maximumRiseMicro: micro });
export type ValueGate = z.infer<typeof valueGate>;

const effect = z.union([rateEffect, valueEffect]);
export type Effect = z.infer<typeof effect>;
const gate = z.union([rateGate, valueGate]);
export type Gate = z.infer<typeof gate>;

/** spec 07-verdict §1: what must hold of the treated model for the finding to be true. */
export const claim = z
  .looseObject({
    effect,
    /** Benign measures that may fall, as rates, or rise, as numbers, by at most this much. */
    gates: z.array(gate).max(16),
    counts: z.array(conditionCount).max(64),
    estimates: z.array(estimate).max(64).optional(),
  })
  .refine(({ effect, gates }) => gates.length > 0 || isStill(effect), 'an effect on a model has gates')
  .refine(({ effect, counts }) => counts.length >= 2 || !isRate(effect), 'a rate has two counts at least')
  .refine(
    ({ effect, estimates = [] }) => estimates.length >= 1 || isRate(effect),
    'a number has an estimate at least',
  );
export type Claim = z.infer<typeof claim>;

export function isRate(effect: Effect): effect is RateEffect {
  return 'boundPpm' in effect;
}

export function isRateGate(gate: Gate): gate is RateGate {
  return 'maximumDropPpm' in gate;
}

/** Whether a claim says anything of a number, which `decision/2` judges. spec 07-verdict §7 */
export function hasValues({ effect, gates }: Claim): boolean {
  return !isRate(effect) || !gates.every(isRateGate);
}

/** Whether an effect is one of reading, for which no model has to change. */
function isStill(effect: Effect): boolean {
  return !isRate(effect) && effect.test !== 'paired';
}

/** `finding/1`: this intervention, from this source model, on this target, moves this measure so much. */
export const findingBody = z
  .looseObject({
    title: text(200),
    summary: text(4_000),
    /** Null for a finding about fidelity, which changes nothing: `target` is the analog. spec 07-verdict §8 */
    intervention: contentReference.nullable(),
    suite: contentReference,
    /**
     * Where the intervention was found; null when it was found on the target itself. Of a finding about fidelity the model
     * that the target is compared with; null where the suite carries what that model said.
     */
    source: modelReference.nullable(),
    target: modelReference,
    claim,
  })
  // spec 07-verdict §8.1
  .refine(
    ({ intervention, claim }) =>
      intervention === null
        ? isStill(claim.effect) && claim.gates.length === 0
        : isRate(claim.effect) || claim.effect.test !== 'bound',
    'fidelity is claimed as a number against chance or a bound, an intervention never against a bound alone',
  );
export type FindingBody = z.infer<typeof findingBody>;
