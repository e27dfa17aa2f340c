import { isFilled, type Section, writtenIn } from './markdown.ts';

/** A part of a text that stands under a heading of this name, or one like it. */
export interface Heading {
  readonly name: string;
  readonly matches: RegExp;
  readonly title: string;
}

const TRAINING: Heading = { name: 'training', matches: /training/i, title: 'Training' };
const INTENDED_USE: Heading = {
  name: 'intended use',
  matches: /intended|direct use|research use|^uses?$/i,
  title: 'Intended use',
};
const KNOWN_LIMITS: Heading = { name: 'known limits', matches: /limit/i, title: 'Known limits' };

/** Headings that a card must have and fill. spec 17-releases §2.4 */
export const CARD_HEADINGS: readonly Heading[] = [
  { name: 'architecture', matches: /architecture/i, title: 'Architecture' },
  TRAINING,
  INTENDED_USE,
];

/** spec 17-releases §2.5 */
export const DATA_HEADINGS: readonly Heading[] = [
  { name: 'sources', matches: /sources?/i, title: 'Sources' },
  { name: 'modalities', matches: /modalit/i, title: 'Modalities' },
  KNOWN_LIMITS,
];

/** Those under which nothing is written. */
export function missingFrom(sections: readonly Section[], headings: readonly Heading[]): readonly Heading[] {
  return headings.filter((heading) => under(sections, heading).length === 0);
}

/** What a card says for exports (spec 17-releases §5); null where it says nothing. */
export function cardTexts(sections: readonly Section[]) {
  const text = (heading: Heading) => under(sections, heading).map(writtenIn).join('\n\n') || null;
  return { training: text(TRAINING), intendedUse: text(INTENDED_USE), limits: text(KNOWN_LIMITS) };
}

function under(sections: readonly Section[], { matches }: Heading): readonly Section[] {
  return sections.filter((section) => matches.test(section.heading) && isFilled(section));
}
