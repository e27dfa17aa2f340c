/** Beyond Latin-1, what the encoding of the standard fonts has. PDF 32000-1 annex D.2, WinAnsiEncoding */
const BEYOND_LATIN = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');

/** Text as the standard fonts can show it: white space as spaces, what they lack as `\u{…}`, which nothing else becomes. */
export function toWinAnsi(text: string): string {
  let out = '';
  for (const char of text.replaceAll(/\r\n|[\t\n\r]/g, ' ').replaceAll(/\\(?=u\{)/g, '\\u{5c}'))
    out += isShown(char) ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`;
  return out;
}

/** A soft hyphen (U+00AD) is not: viewers differ on whether it shows. */
function isShown(char: string): boolean {
  return /^[ -~\u00a0-\u00ac\u00ae-\u00ff]$/.test(char) || BEYOND_LATIN.has(char);
}
