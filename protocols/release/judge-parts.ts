import type { Result } from '../base/result.ts';
import type { ReleasePart } from '../kinds/index.ts';
import { CARD_HEADINGS, DATA_HEADINGS, type Heading, missingFrom } from './headings.ts';
import { type Section, sectionsOf } from './markdown.ts';
import type { CardRefusal, ModelCard } from './model-card.ts';
import type { ReleasePolicy } from './policy.ts';
import { type Outcomes, type Requirement, requirement } from './requirement.ts';

const CARD_CURE =
  'Open README.md with a line ---, then `license: apache-2.0` (or another permitted one), then a line ---.';

type Parts = Pick<ReleasePolicy, 'parts'>;

/** A part is judged where the federation asks for it. */
function asked(
  part: ReleasePart,
  { parts }: Parts,
  outcomes: Outcomes,
  judge: () => Requirement,
): Requirement {
  return parts.includes(part) ? judge() : outcomes.met('not asked for');
}

/** spec 17-releases §2.3. @param card null: there is none */
export function judgeCard(card: Result<ModelCard, CardRefusal> | null, policy: Parts): Requirement {
  const outcomes = requirement(3, 'model card');
  return asked('model-card', policy, outcomes, () => {
    if (card === null)
      return outcomes.failed('card-missing', 'there is no README.md', 'Write the model card into README.md.');
    return card.ok
      ? outcomes.met('README.md with metadata')
      : outcomes.failed(card.reason, card.detail, CARD_CURE);
  });
}

/** spec 17-releases §2.4 */
export function judgeCardHeadings(card: Result<ModelCard, CardRefusal> | null, policy: Parts): Requirement {
  const outcomes = requirement(4, 'model card');
  const sections = card?.ok ? card.value.sections : [];
  return asked('model-card', policy, outcomes, () =>
    judgeHeadings(outcomes, 'README.md', card === null ? null : sections, CARD_HEADINGS),
  );
}

/** spec 17-releases §2.5. @param data DATA.md, or null */
export function judgeData(data: string | null, policy: Parts): Requirement {
  const outcomes = requirement(5, 'data description');
  return asked('data-description', policy, outcomes, () =>
    judgeHeadings(outcomes, 'DATA.md', data === null ? null : sectionsOf(data), DATA_HEADINGS),
  );
}

/** spec 17-releases §2.6 */
export function judgeScripts(filled: ReadonlySet<string>, policy: Parts): Requirement {
  const outcomes = requirement(6, 'scripts');
  const scripts = [...filled].filter((path) => path.startsWith('scripts/'));
  return asked('scripts', policy, outcomes, () =>
    scripts.length > 0
      ? outcomes.met(`${scripts.length} in scripts/`)
      : outcomes.failed(
          'scripts-missing',
          'scripts/ is not there or empty',
          'Put the distillation or training scripts, or a description of the same worth, into scripts/.',
        ),
  );
}

/** spec 17-releases §2.8 */
export function judgeLicenceFile(filled: ReadonlySet<string>, policy: Parts): Requirement {
  const outcomes = requirement(8, 'licence file');
  const file = [...filled].find((path) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(path));
  return asked('licence-file', policy, outcomes, () =>
    file === undefined
      ? outcomes.failed(
          'licence-file-missing',
          'there is no LICENSE',
          'Add the text of the licence as LICENSE.',
        )
      : outcomes.met(file),
  );
}

function judgeHeadings(
  { met, failed }: Outcomes,
  file: string,
  sections: readonly Section[] | null,
  headings: readonly Heading[],
): Requirement {
  const missing = missingFrom(sections ?? [], headings);
  if (missing.length === 0) return met(`${file} says ${list(headings)}`);
  const detail = sections === null ? `there is no ${file}` : `${file} does not say: ${list(missing)}`;
  const titles = missing.map(({ title }) => `“## ${title}”`).join(', ');
  const each = missing.length > 1 ? 'each with text under it' : 'with text under it';
  return failed('heading-missing', detail, `Add ${titles} to ${file}, ${each}.`);
}

function list(headings: readonly Heading[]): string {
  return headings.map(({ name }) => name).join(', ');
}
