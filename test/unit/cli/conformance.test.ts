import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pureEd25519 } from '../../../protocols/identity/ed25519.ts';
import { type Json, sameJson } from '../../../services/cli/conformance/case.ts';
import { referenceOperations } from '../../../services/cli/conformance/reference.ts';
import { GRADED_FILES } from '../../../services/cli/conformance/vector-cases.ts';
import { readVectorCases } from '../../../services/cli/conformance/vector-files.ts';
import { nativeEd25519 } from '../../../services/keys/native-ed25519.ts';
import { codesInTable, section } from '../../architecture/clauses.ts';

const PROTOCOLS = new URL('../../../protocols/', import.meta.url);

describe('what programs are asked', () => {
  it('is in every vector file', () => {
    const files = readdirSync(new URL('vectors', PROTOCOLS)).filter((name) => name.endsWith('.json'));
    expect([...GRADED_FILES].sort()).toEqual(files.sort());
  });

  it('is what the specification lists and what this implementation answers', async () => {
    const cases = [...(await readVectorCases()).values()].flat();
    const asked = [...new Set(cases.map(({ operation }) => operation))].sort();
    const spec = readFileSync(new URL('spec/15-conformance.md', PROTOCOLS), 'utf8');
    expect(codesInTable(section(spec, 2)).sort()).toEqual(asked);
    expect(Object.keys(referenceOperations(pureEd25519)).sort()).toEqual(asked);
  });

  it('has its answer from this implementation', async () => {
    const operations = referenceOperations(nativeEd25519());
    for (const [file, cases] of await readVectorCases())
      for (const { name, operation, input, allowed } of cases) {
        const output = JSON.parse(JSON.stringify(operations[operation]?.(input))) as Json;
        expect(
          allowed.some((each) => sameJson(each, output)),
          `${file} ${name}`,
        ).toBe(true);
      }
  });

  it('does not hold its answer', async () => {
    for (const { operation, input, allowed } of [...(await readVectorCases()).values()].flat())
      for (const output of allowed) expect(sameJson(input, output), operation).toBe(false);
  });
});

it.each([
  [true, { a: 1, b: [1, null] }, { b: [1, null], a: 1 }],
  [false, { a: 1 }, { a: 1, b: null }],
  [false, { a: 1, b: null }, { a: 1, c: null }],
  [false, [1, 2], [2, 1]],
  [false, [], {}],
  [false, null, {}],
  [false, '1', 1],
  [false, JSON.parse('{"__proto__": 1}'), {}],
  [true, JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
])('the same JSON: %s, %j and %j', (same, a, b) => {
  expect(sameJson(a, b)).toBe(same);
  expect(sameJson(b, a)).toBe(same);
});
