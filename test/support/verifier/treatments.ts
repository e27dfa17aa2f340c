import {
  type ActivationEdit,
  type Operation,
  type PointName,
  type Positions,
  parsePoint,
} from '../../../protocols/artifacts/index.ts';
import type { Model } from '../../../services/verifier/engine/model.ts';
import type { RealisedIntervention } from '../../../services/verifier/interventions/realise.ts';
import type { Speller } from '../../../services/verifier/interventions/token-spans.ts';
import { type Readers, Treatment } from '../../../services/verifier/interventions/treatment.ts';

/** For conditions whose positions name no text. */
const NO_TEXT: Speller = {
  encode: () => {
    throw new Error('no text is encoded here');
  },
  spell: () => {
    throw new Error('no text is spelled here');
  },
};

export function point(name: string) {
  const parsed = parsePoint(name);
  if (parsed === null) throw new Error(`${name} is no point`);
  return parsed;
}

export function edit(at: PointName | string, positions: Positions, operation: Operation): ActivationEdit {
  return { point: point(at), positions, operation };
}

export function only(...edits: readonly ActivationEdit[]): RealisedIntervention {
  return { edits, weights: [], reads: [] };
}

export function treat(
  model: Model,
  intervention: RealisedIntervention,
  { speller = NO_TEXT, sources = new Map() }: { speller?: Speller; sources?: Readers['sources'] } = {},
): Treatment {
  return new Treatment(intervention, { target: { model, speller }, sources });
}
