/** Milliseconds since 1970 -> `2026-11-21 14:03 UTC`. */
export function dateOf(ms: number): string {
  return `${new Date(Math.min(ms, 8.64e15)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What witnesses say of a message. @param ms null: not enough of them have seen it */
export function knownBy(ms: number | null): string {
  return ms === null ? 'not established by witnesses' : `known by ${dateOf(ms)}`;
}
