import type { ReleasePart } from '../kinds/index.ts';
import { type AnalogEntry, copiesOf } from '../record/index.ts';
import type { Case } from './case.ts';
import { inspectedFact, inspectedParts } from './inspected.ts';
import { type Finding, fact, met, notMet, pending, unknown } from './result.ts';

/** spec 18-oversight §4, M8 */
export function judgeCopies(given: Case, analog: AnalogEntry): Finding {
  const { at, clock, policy } = given;
  const { promised, shown } = copiesOf(given.dossiers.record, analog, at);
  const facts = [fact('organisations that show a copy', shown), fact('asked for', policy.copies)];
  if (shown >= policy.copies) return met('copies-shown', ...facts);
  if (at < clock.ends) return pending('copies-awaited', clock.ends, ...facts);
  return promised >= policy.copies ? unknown('copies-unchecked', ...facts) : notMet('copies-few', ...facts);
}

/** Requirements of spec 17-releases §2 behind each part. */
const REQUIREMENTS = {
  'model-card': [3, 4],
  'data-description': [5],
  scripts: [6],
  'licence-file': [8],
} as const satisfies Partial<Record<ReleasePart, readonly number[]>>;

/** spec 18-oversight §4, M9 to M11 */
export function judgePart(given: Case, analog: AnalogEntry, part: keyof typeof REQUIREMENTS): Finding {
  if (!given.policy.parts.includes(part)) return met('not-asked');
  const { state, by } = inspectedParts(given, analog.checkpoint, REQUIREMENTS[part]);
  const facts = by.map((each) => fact('inspection', given.dossiers.partyOf(each.author).name, each));
  switch (state) {
    case 'met':
      return met('part-there', ...facts);
    case 'failed':
      return notMet('part-missing', ...facts);
    case 'disagree':
      return unknown('inspections-disagree', ...facts);
    case 'unknown':
      return unknown('not-inspected', ...facts);
  }
}

/** spec 18-oversight §4, M12 */
export function judgeLicence(given: Case, analog: AnalogEntry): Finding {
  const { licences, restrictions } = given.policy;
  const stated = fact('licence', analog.licence, analog);
  if (!licences.includes(analog.licence)) return notMet('licence-not-permitted', stated);
  const stranger = analog.restrictions.find((each) => !restrictions.includes(each));
  if (stranger !== undefined)
    return notMet('restriction-not-permitted', stated, fact('restriction', stranger, analog));
  const inBytes = inspectedFact(given, analog.checkpoint, 'licence');
  if (inBytes === 'disagree') return unknown('inspections-disagree', stated);
  if (inBytes !== null && inBytes.value !== analog.licence)
    return notMet('licence-differs', stated, fact('licence in the bytes', inBytes.value, inBytes.by));
  const file = judgePart(given, analog, 'licence-file');
  return file.state === 'met' ? met('licence-permitted', stated, ...file.evidence) : file;
}
