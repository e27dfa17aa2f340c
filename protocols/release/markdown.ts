/** A text under its heading, up to the next heading of any level. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

/** What the model card template of Hugging Face stands in for text that nobody wrote. */
const PLACEHOLDER = /\[(?:more information needed|optional)\]/gi;

/** ATX headings (CommonMark §4.2) and what stands under each. Code blocks hold no headings. */
export function sectionsOf(markdown: string): readonly Section[] {
  const sections: { heading: string; lines: string[] }[] = [];
  let fence: string | null = null;
  for (const line of markdown.split(/\r?\n/)) {
    const mark = /^ {0,3}(```|~~~)/.exec(line)?.[1];
    if (mark !== undefined) fence = fence === null ? mark : fence === mark ? null : fence;
    const heading =
      fence === null ? /^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$/.exec(line.slice(0, 400))?.[1] : undefined;
    if (heading !== undefined) sections.push({ heading, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ heading, lines }) => ({ heading, text: lines.join('\n') }));
}

/** True when someone wrote something under it that readers see. */
export function isFilled(section: Section): boolean {
  return /[\p{L}\p{N}]/u.test(writtenIn(section));
}

/** The text without comments and placeholders. */
export function writtenIn({ text }: Section): string {
  return withoutComments(text).replaceAll(PLACEHOLDER, '').trim();
}

function withoutComments(text: string): string {
  let seen = '';
  for (let at = 0; ; ) {
    const begin = text.indexOf('<!--', at);
    if (begin < 0) return seen + text.slice(at);
    seen += text.slice(at, begin);
    const end = text.indexOf('-->', begin);
    if (end < 0) return seen;
    at = end + 3;
  }
}
