import type { Plain, PlainObject } from '../base/plain.ts';

/** The JSON Pointer (RFC 6901) of keys and indices. */
export function fieldPathOf(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** @param path a JSON Pointer: its schema has looked */
function keysOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands there; undefined where nothing does. */
export function valueAt(body: Plain, path: string): Plain | undefined {
  let value: Plain | undefined = body;
  for (const key of keysOf(path)) {
    if (value === undefined || !hasPlace(value, key)) return undefined;
    value = (value as PlainObject)[key];
  }
  return value;
}

/** A copy of the body with another value in a place that it has. @throws TypeError where there is no such place */
export function withValueAt(body: PlainObject, path: string, value: Plain): PlainObject {
  return put(body, keysOf(path), value) as PlainObject;
}

function put(into: Plain, [key, ...rest]: readonly string[], value: Plain): Plain {
  if (key === undefined) return value;
  if (!hasPlace(into, key)) throw new TypeError('the body has no such field');
  const inner = put((into as PlainObject)[key] as Plain, rest, value);
  if (Array.isArray(into)) return into.with(Number(key), inner);
  return { ...(into as PlainObject), [key]: inner };
}

function hasPlace(value: Plain, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  // one spelling of an index, and not `length`
  if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(key)) return false;
  return Object.hasOwn(value, key);
}
