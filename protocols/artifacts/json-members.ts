/** Nesting a safetensors header can have: the map, an entry, a list in the entry. */
const DEPTH_LIMIT = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);

/**
 * Names written at the first and second level of a JSON object, counted from its bytes; null when it nests deeper than
 * a safetensors header may or does not open with a brace. Whether it is JSON at all is the parser's question.
 */
export function countMembers(json: Uint8Array): { readonly outer: number; readonly inner: number } | null {
  if (json[0] !== 0x7b) return null;
  let depth = 0;
  let outer = 0;
  let inner = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] as number;
    if (byte === QUOTE) {
      for (i++; i < json.length && json[i] !== QUOTE; i++) if (json[i] === BACKSLASH) i++;
    } else if (OPEN.has(byte)) {
      if (++depth > DEPTH_LIMIT) return null;
    } else if (CLOSE.has(byte)) depth--;
    else if (byte === COLON) {
      if (depth === 1) outer++;
      else inner++;
    }
  }
  return { outer, inner };
}
