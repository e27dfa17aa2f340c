import { spdxIdOf } from './licences.ts';
import type { ModelCard } from './model-card.ts';
import type { ReleasePolicy } from './policy.ts';
import { type Requirement, requirement } from './requirement.ts';

/** spec 17-releases §2.7. @param licence what the release will state; null: as the card says */
export function judgeLicence(
  licence: string | null,
  card: ModelCard | null,
  { licences }: Pick<ReleasePolicy, 'licences'>,
): Requirement {
  const { met, failed } = requirement(7, 'licence');
  const ofCard = [card?.metadata.license ?? []].flat();
  const stated = licence ?? ofCard[0] ?? null;
  const permitted = `Permitted: ${licences.join(', ')}.`;
  if (stated === null)
    return failed('licence-missing', 'no licence is stated', `Set \`license\` in README.md. ${permitted}`);
  const id = spdxIdOf(stated);
  if (id === null) {
    const detail = `${stated} is no identifier of the SPDX list`;
    return failed('licence-unknown', detail, `Use the SPDX identifier. ${permitted}`);
  }
  if (ofCard.length > 1 || (ofCard[0] !== undefined && spdxIdOf(ofCard[0]) !== id)) {
    const detail = `README.md says ${ofCard.join(', ')}, the release says ${id}`;
    return failed('licence-differs', detail, 'State one licence, the same in both.');
  }
  return licences.includes(id)
    ? met(id)
    : failed('licence-not-permitted', `${id} is not permitted`, permitted);
}
