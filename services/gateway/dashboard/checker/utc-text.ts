/** Milliseconds since 1970 as people read them: `2026-11-21 14:03:09 UTC`. */
export function utcText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
