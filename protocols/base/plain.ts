import { DOCUMENT_DEPTH_LIMIT } from './limits.ts';

/**
 * What a body may hold: the JSON subset of DAG-CBOR without fractions. spec 05-message §3.
 * So a body reads the same as JSON, as CBOR and in any language, and no rounding can divide two nodes.
 */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };
export type PlainObject = { readonly [key: string]: Plain };

/** The path of the first value that is not plain, or that lies deeper than a document may nest; null when all is. */
export function findNotPlain(value: unknown, depth = 1): string | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? null : '';
  if (depth > DOCUMENT_DEPTH_LIMIT) return '';
  // the path is put together on the way out: almost always there is none
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = findNotPlain(value[index], depth + 1);
      if (found !== null) return `/${index}${found}`;
    }
    return null;
  }
  if (!isPlainMap(value)) return '';
  for (const key of Object.keys(value)) {
    const found = findNotPlain(value[key], depth + 1);
    if (found !== null) return `/${key}${found}`;
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
