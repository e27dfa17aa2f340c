import spdxIds from 'spdx-license-list/simple.js';

const BY_LOWER_CASE: ReadonlyMap<string, string> = new Map(
  [...spdxIds].map((id: string) => [id.toLowerCase(), id]),
);

/** The identifier as the SPDX licence list spells it, or null. Model cards write it in lower case. */
export function spdxIdOf(text: string): string | null {
  return BY_LOWER_CASE.get(text.trim().toLowerCase()) ?? null;
}
