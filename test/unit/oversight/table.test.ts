import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLAUSES } from '../../../protocols/kinds/index.ts';
import { CLAUSE_CODES, CLAUSE_SENTENCES } from '../../../protocols/oversight/index.ts';
import { filesMatching, sourcesUnder } from '../../architecture/files.ts';

/** Clauses that the specification must have, written out: the mandate's M1 to M22, and N2, N5, N6. */
const EVERY = [...Array.from({ length: 22 }, (_, i) => `M${i + 1}`), 'N2', 'N5', 'N6'];

const text = (path: string): string => filesMatching(path)[0]?.text ?? '';
const rows = [
  ...text('protocols/spec/18-oversight.md').matchAll(
    /^\| `([MN]\d+)` \| (.+) \| (.+) \| `(.+)` \| (.+) \|$/gm,
  ),
].map(([, clause = '', check = '', test = '', command = '', place = '']) => ({
  clause,
  check,
  test,
  command,
  place,
}));

describe('the table of clauses', () => {
  it('has a row for every clause', () => {
    expect(rows.map(({ clause }) => clause)).toEqual(EVERY);
  });

  it.each(rows)('$clause: its test names it, its command is documented, its place is said', (row) => {
    expect(row.check.length).toBeGreaterThan(2);
    expect(existsSync(row.test), row.test).toBe(true);
    expect(text('services/cli/README.md')).toContain(`\`${row.command.replace(/^oversight /, '')} `);
    expect(row.place).toMatch(/^Releases, /);
    // cases of clauses.test.ts stand under the clause; the other two files are about one clause each
    if (row.test.endsWith('clauses.test.ts'))
      expect(readFileSync(row.test, 'utf8')).toContain(`  ${row.clause}: [`);
  });

  it('covers what assessments judge, and each clause has its sentence', () => {
    for (const clause of CLAUSES) expect(EVERY).toContain(clause);
    expect(Object.keys(CLAUSE_SENTENCES)).toEqual([...CLAUSES]);
  });
});

it('every code is given somewhere', () => {
  const sources = sourcesUnder('protocols/oversight').filter(({ path }) => !path.endsWith('codes.ts'));
  const all = sources.map((source) => source.text).join('\n');
  expect(Object.keys(CLAUSE_CODES).filter((code) => !all.includes(`'${code}'`))).toEqual([]);
});
