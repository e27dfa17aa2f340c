import type { Plain } from '../base/plain.ts';

/** Where two documents differ. `null` stands for nothing at all as well. */
export interface Difference {
  /** Names of members of maps, and of entries of lists: their id, key, name or version. */
  readonly path: readonly string[];
  readonly derived: Plain;
  readonly claimed: Plain;
}

/** Differences that are looked for: a record that is wrong in more places is no more wrong. */
const DIFFERENCES_LIMIT = 200;
const ENTRY_NAMES = ['id', 'key', 'name', 'version'] as const;

/** Compares what follows from messages with what somebody says. Entries of lists are matched by their names. */
export function differences(derived: Plain, claimed: Plain): Difference[] {
  const found: Difference[] = [];
  compare([], derived, claimed, found);
  return found;
}

function compare(path: readonly string[], derived: Plain, claimed: Plain, found: Difference[]): void {
  if (found.length >= DIFFERENCES_LIMIT || derived === claimed) return;
  const [mine, theirs] = [partsOf(derived), partsOf(claimed)];
  if (mine === null || theirs === null || Array.isArray(derived) !== Array.isArray(claimed)) {
    found.push({ path, derived, claimed });
    return;
  }
  const before = found.length;
  for (const [name, value] of mine) compare([...path, name], value, theirs.get(name) ?? null, found);
  for (const [name, value] of theirs) {
    if (!mine.has(name) && found.length < DIFFERENCES_LIMIT)
      found.push({ path: [...path, name], derived: null, claimed: value });
  }
  // the same entries in another order, or one of them twice
  const isReordered = Array.isArray(derived) && [...mine.keys()].join() !== [...theirs.keys()].join();
  const isRepeated = Array.isArray(claimed) && theirs.size !== claimed.length;
  if (found.length === before && (isReordered || isRepeated)) found.push({ path, derived, claimed });
}

function partsOf(value: Plain): Map<string, Plain> | null {
  if (value === null || typeof value !== 'object') return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value as Record<string, Plain>));
  return new Map(value.map((entry: Plain, i: number) => [nameOf(entry) ?? `${i}`, entry]));
}

function nameOf(entry: Plain): string | null {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return null;
  const named = entry as Record<string, Plain>;
  const member = ENTRY_NAMES.find(
    (each) => typeof named[each] === 'string' || typeof named[each] === 'number',
  );
  return member === undefined ? null : String(named[member]);
}
