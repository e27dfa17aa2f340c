import { cureOf } from './cures.ts';
import type { ReleasePolicy } from './policy.ts';
import { grouped, type Requirement, requirement } from './requirement.ts';

/** What the inspection of weights, configuration and tokenizer gave. */
export type InspectedModel =
  | { readonly ok: true; readonly parameters: number; readonly modelType: string }
  | { readonly ok: false; readonly reason: string; readonly detail: string };

const MEND_THE_MODEL = 'Mend §2.1 first.';

/** spec 17-releases §2.1 */
export function judgeModel(model: InspectedModel): Requirement {
  const { met, failed } = requirement(1, 'model');
  return model.ok
    ? met(`${model.modelType}, ${grouped(model.parameters)} parameters`)
    : failed(model.reason, model.detail, cureOf(model.reason));
}

/** spec 17-releases §2.2 */
export function judgeWeights(
  model: InspectedModel,
  weights: 'finite' | 'unread' | { readonly notFinite: string },
): Requirement {
  const { met, failed, open } = requirement(2, 'weights');
  if (weights === 'finite') return met('every weight is a finite number');
  if (weights === 'unread') {
    const cure = model.ok ? 'Run without --headers-only.' : MEND_THE_MODEL;
    return open('weights-unread', 'the weights were not read', cure);
  }
  return failed('weights-not-finite', weights.notFinite, 'Export the checkpoint again.');
}

/** spec 17-releases §2.9 */
export function judgeRatio(
  model: InspectedModel,
  frontierParameters: number | null,
  { ratioPpm: { from, to } }: Pick<ReleasePolicy, 'ratioPpm'>,
): Requirement {
  const { met, failed, open } = requirement(9, 'ratio');
  if (!model.ok) return open('ratio-unknown', 'the parameters could not be counted', MEND_THE_MODEL);
  const window = `the window is ${percent(from)} to ${percent(to)}`;
  if (frontierParameters === null) {
    const cure = `Give --frontier or --frontier-parameters; ${window}.`;
    return open('ratio-unknown', 'the size of the frontier model is not known here', cure);
  }
  const ratio = percent((model.parameters / frontierParameters) * 1e6);
  const detail = `${grouped(model.parameters)} of ${grouped(frontierParameters)} parameters are ${ratio}, ${window}`;
  // whole numbers: at the ends of the window one parameter decides
  const least = (BigInt(from) * BigInt(frontierParameters) + 999_999n) / 1_000_000n;
  const most = (BigInt(to) * BigInt(frontierParameters)) / 1_000_000n;
  const cure = `Release an analog of ${grouped(Number(least))} to ${grouped(Number(most))} parameters.`;
  if (model.parameters < least) return failed('ratio-below', detail, cure);
  if (model.parameters > most) return failed('ratio-above', detail, cure);
  return met(detail);
}

function percent(ppm: number): string {
  return `${Number((ppm / 10_000).toPrecision(3))} %`;
}
