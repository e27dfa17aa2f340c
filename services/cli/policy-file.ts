import { OversightError } from '../../protocols/base/errors.ts';
import {
  type CharterPolicy,
  charterPolicy,
  POLICY_SECTIONS,
  type PolicySection,
} from '../../protocols/kinds/index.ts';
import { readChecked } from './read-json.ts';

/**
 * A file with some sections of a policy, each whole; a name that is no section is a mistake.
 * @throws OversightError `argument-invalid`
 */
export async function readPolicySections(path: string): Promise<Partial<CharterPolicy>> {
  const sections = await readChecked(path, charterPolicy.partial());
  const stranger = Object.keys(sections).find((name) => !isSection(name));
  // JSON has no undefined
  if (stranger === undefined) return sections as Partial<CharterPolicy>;
  throw new OversightError(
    'argument-invalid',
    `${path}: ${stranger} is no section; there are ${POLICY_SECTIONS.join(', ')}`,
  );
}

function isSection(name: string): name is PolicySection {
  return POLICY_SECTIONS.some((section) => section === name);
}
