import { judgeLicence } from './judge-licence.ts';
import { type InspectedModel, judgeModel, judgeRatio, judgeWeights } from './judge-model.ts';
import { judgeCard, judgeCardHeadings, judgeData, judgeLicenceFile, judgeScripts } from './judge-parts.ts';
import { parseModelCard } from './model-card.ts';
import type { ReleasePolicy } from './policy.ts';
import type { Requirement } from './requirement.ts';

/** What stands in a directory, read and not yet judged. Texts are null where their file is not there. */
export interface ReleaseParts {
  /** Files that hold at least one byte. */
  readonly filled: ReadonlySet<string>;
  readonly card: string | null;
  readonly dataDescription: string | null;
  readonly model: InspectedModel;
  /** Licence that the release message will state; null: as the card says. */
  readonly licence: string | null;
  /** Parameters of the frontier model; null: withheld or not known here. */
  readonly frontierParameters: number | null;
  /** `finite`: every weight was looked at. */
  readonly weights: 'finite' | 'unread' | { readonly notFinite: string };
}

/** Every requirement, in the order of spec 17-releases §2. */
export function judgeRelease(parts: ReleaseParts, policy: ReleasePolicy): readonly Requirement[] {
  const { model, filled } = parts;
  const card = parts.card === null ? null : parseModelCard(parts.card);
  return [
    judgeModel(model),
    judgeWeights(model, parts.weights),
    judgeCard(card, policy),
    judgeCardHeadings(card, policy),
    judgeData(parts.dataDescription, policy),
    judgeScripts(filled, policy),
    judgeLicence(parts.licence, card?.ok ? card.value : null, policy),
    judgeLicenceFile(filled, policy),
    judgeRatio(model, parts.frontierParameters, policy),
  ];
}
