import type { Plain } from '../base/plain.ts';
import type { AnalogEntry, FrontierEntry, WithheldEntry } from '../record/index.ts';

/** Where the record puts what stands in a field of a release. */
const FRONTIER_FIELDS = {
  '/model/parameters': 'parameters',
  '/model/tokenizer': 'tokenizer',
  '/training': 'training',
  '/holders': 'holders',
  '/scale/operations': 'operations',
  '/scale/users': 'users',
  '/scale/revenueUsd': 'revenueUsd',
} as const satisfies Record<string, keyof FrontierEntry>;
const ANALOG_FIELDS = { '/training': 'training' } as const satisfies Record<string, keyof AnalogEntry>;

/** The release as it reads by the date: with what its lab had opened to all by then. spec 18-oversight §3.5 */
export function frontierAt(frontier: FrontierEntry, at: number): FrontierEntry {
  return { ...frontier, ...openedOf(frontier, FRONTIER_FIELDS, at) };
}

export function analogAt(analog: AnalogEntry, at: number): AnalogEntry {
  return { ...analog, ...openedOf(analog, ANALOG_FIELDS, at) };
}

/** What stood in a withheld field, if its author had opened it by the date; undefined else. */
export function openedAt(
  { withheld = [] }: { readonly withheld?: readonly WithheldEntry[] },
  path: string,
  at: number,
): Plain | undefined {
  const opened = withheld.find(({ field }) => field === path)?.opened ?? null;
  if (opened === null || opened.established === null || opened.established > at) return undefined;
  return opened.value;
}

/** The record has seen that each value fits its place. */
function openedOf(
  entry: FrontierEntry | AnalogEntry,
  fields: Readonly<Record<string, string>>,
  at: number,
): Record<string, Plain> {
  const opened: Record<string, Plain> = {};
  for (const [path, name] of Object.entries(fields)) {
    const value = openedAt(entry, path, at);
    if (value !== undefined) opened[name] = value;
  }
  return opened;
}
