import { DOCUMENT_DEPTH_LIMIT } from './limits.ts';

/**
 * What a body may hold: the JSON subset of DAG-CBOR without fractions. spec 05-message §3.
 * So a body reads the same as JSON, as CBOR and in any language, and no rounding can divide two nodes.
 */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };
export type PlainObject = { readonly [key: string]: Plain };

/** The path of the first value that is not plain, or that lies deeper than a document may nest; null when all is. */
export function findNotPlain(value: unknown, path = '', depth = 1): string | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? null : path;
  if (depth > DOCUMENT_DEPTH_LIMIT) return path;
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      const found = findNotPlain(entry, `${path}/${index}`, depth + 1);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isPlainMap(value)) return path;
  for (const [key, entry] of Object.entries(value)) {
    const found = findNotPlain(entry, `${path}/${key}`, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** A map and nothing else: CIDs and byte strings are objects too, with prototypes of their own. */
function isPlainMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isPlainObject(value: unknown): value is PlainObject {
  return isPlainMap(value) && findNotPlain(value) === null;
}
