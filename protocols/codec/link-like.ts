/**
 * The path of the first map that encoders take for a link and fail on, or null: one that has the same value under `/`
 * and `bytes`. spec 03-codec §1.6. The value is plain (base/plain.ts), so it ends.
 */
export function findLinkLike(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const map = value as Readonly<Record<string, unknown>>;
  if (!Array.isArray(value) && Object.hasOwn(map, '/') && map['/'] !== null && map['/'] === map['bytes'])
    return '';
  for (const [key, child] of Object.entries(map)) {
    const found = findLinkLike(child);
    if (found !== null) return `/${key}${found}`;
  }
  return null;
}
