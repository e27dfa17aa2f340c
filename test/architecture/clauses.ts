/** A place in the specification, such as `05-message` and `5.4`. */
export interface Citation {
  readonly document: string;
  readonly clause: string;
}

/** Numbers of the clauses of one document: headings, paragraphs that open with their number, rows that do. */
export function clausesOf(markdown: string): Set<string> {
  const found = new Set<string>();
  for (const pattern of [/^## (\d+)\. /gm, /^(\d+\.\d+) /gm, /^\| §?(\d+(?:\.\d+)?) \|/gm])
    for (const match of markdown.matchAll(pattern)) found.add(match[1] as string);
  return found;
}

/** `05-message §5.4`, and each of `06-charter §1 to §3`. */
export function citationsIn(text: string): Citation[] {
  const out: Citation[] = [];
  for (const match of text.matchAll(/\b(\d\d-[a-z]+) ((?:§\d+(?:\.\d+)*(?:(?:,| and| to| or) )?)+)/g))
    for (const clause of (match[2] as string).matchAll(/§(\d+(?:\.\d+)*)/g))
      out.push({ document: match[1] as string, clause: clause[1] as string });
  return out;
}

/** First cells of the table rows that hold one code in backticks, in order. */
export function codesInTable(markdown: string, column = 0): string[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
  return rows
    .map((row) => /^`([^`]+)`$/.exec((row.split('|')[column + 1] ?? '').trim())?.[1])
    .filter((code) => code !== undefined);
}

/** The text of one numbered section. */
export function section(markdown: string, number: number): string {
  const parts = markdown.split(/^## /m);
  return parts.find((part) => part.startsWith(`${number}. `)) ?? '';
}
