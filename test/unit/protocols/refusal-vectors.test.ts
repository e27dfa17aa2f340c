import { expect, it } from 'vitest';
import { filesMatching, sourcesUnder } from '../../architecture/files.ts';

/** Reasons that no vector shows, and why. */
const WITHOUT_VECTOR: Readonly<Record<string, string>> = {
  absent: 'what the source that an auditor asked does not hold; nothing is judged',
  'card-too-large': 'more than a mebibyte of text, which every program may bound as it likes',
  'heads-file-invalid':
    'a file that an auditor keeps for itself; other programs may keep theirs in another form',
  'not-offered': 'what a source of that sort never has, so that an auditor does not ask twice',
  'member-unknown': 'a fault in a member’s own draft of a proposal, never in what others sent',
};

/** Every value of a member of this name, however deep. */
function valuesOf(name: RegExp, json: unknown, key = ''): string[] {
  if (typeof json === 'string') return name.test(key) ? [json] : [];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([inner, value]) =>
    valuesOf(name, value, Array.isArray(json) ? key : inner),
  );
}

const given = [
  ...new Set(
    sourcesUnder('protocols').flatMap(({ text }) =>
      [...text.matchAll(/\brefuse\(\s*'([a-z-]+)'/g)].map((match) => match[1] as string),
    ),
  ),
].sort();
const shown = new Set(
  filesMatching('protocols/vectors/*.json').flatMap(({ text }) =>
    valuesOf(/^(?:refusal|reason)$/, JSON.parse(text)),
  ),
);

it('every reason for which protocols/ refuses is that of a vector that must fail', () => {
  expect(given.length).toBeGreaterThan(40);
  expect(given.filter((reason) => !shown.has(reason) && !Object.hasOwn(WITHOUT_VECTOR, reason))).toEqual([]);
  expect(Object.keys(WITHOUT_VECTOR).filter((reason) => shown.has(reason))).toEqual([]);
});
