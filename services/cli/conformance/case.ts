/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One question to a program, and the answers that the specification allows. spec 15-conformance §2 */
export interface ConformanceCase {
  /** The list it stands in and its id: `refused/empty`. */
  readonly name: string;
  readonly operation: string;
  readonly input: Json;
  readonly allowed: readonly Json[];
}

/** spec 15-conformance §1.4: the same JSON value, whatever the order of members. */
export function sameJson(a: Json, b: Json): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  const [left, right] = [a as { [key: string]: Json }, b as { [key: string]: Json }];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key] as Json, right[key] as Json))
  );
}
