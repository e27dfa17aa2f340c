import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fromHex } from '../../protocols/base/bytes.ts';
import { everyAnswer } from '../support/ed25519-backends.ts';
import { hasAllRuns } from '../support/runs.ts';
import { type buildEd25519Published, fixture } from '../support/vectors/ed25519-published.ts';

/** Held to the reference by the test of the vectors. */
const VECTORS = new URL('../../protocols/vectors/ed25519-published.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as ReturnType<typeof buildEd25519Published>;
/** Each takes five implementations milliseconds. */
const tried = cases.filter((_, index) => hasAllRuns || index % 10 === 0);

it('the published files are as published', () => {
  const folder = new URL('../fixtures/ed25519/', import.meta.url);
  const readme = readFileSync(new URL('README.md', folder), 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z0-9-]+\.json)` \|.*`([0-9a-f]{64})` \|$/gm)];
  expect(rows).toHaveLength(6);
  for (const [, file = '', digest] of rows) {
    const bytes = readFileSync(new URL(file, folder));
    expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(digest);
  }
});

it('every implementation of the rule gives the reference’s answer to every published vector', async () => {
  for (const { id, publicKey, signature, message, accepted } of tried) {
    const answers = await everyAnswer({
      publicKey: fromHex(publicKey),
      signature: fromHex(signature),
      message: fromHex(message),
    });
    expect(new Set(Object.values(answers)), `${id} ${JSON.stringify(answers)}`).toEqual(new Set([accepted]));
  }
});

it('the answers are those that Wycheproof and RFC 8032 publish', () => {
  const answers = new Map(cases.map(({ id, accepted }) => [id, accepted]));
  const { testGroups } = fixture<{ testGroups: { tests: { tcId: number; result: string }[] }[] }>(
    'wycheproof.json',
  );
  const tests = testGroups.flatMap((group) => group.tests);
  expect(tests).toHaveLength(150);
  for (const { tcId, result } of tests) expect(answers.get(`wycheproof-${tcId}`)).toBe(result === 'valid');
  for (const { id, accepted } of cases) if (id.startsWith('rfc8032-')) expect(accepted, id).toBe(true);
});

it('where others accept, the clause that refuses is the one of the edge that the vector is about', () => {
  const refusedBy = new Map(cases.map((each) => [each.id, each.refusedBy]));
  for (const { number, flags } of fixture<{ number: number; flags: string[] | null }[]>('cctv.json')) {
    const has = (flag: string) => flags?.includes(flag) ?? false;
    const clause = refusedBy.get(`cctv-${number}`);
    if (has('non_canonical_A') || has('non_canonical_R')) expect(clause).toBe('3.2');
    else if (has('low_order_A') || has('low_order_R')) expect(clause).toBe('3.3');
    else if (has('low_order_component_A')) expect(clause).toBe('3.4');
    else if (has('low_order_component_R')) expect(clause).toBe('3.5');
    else expect(clause).toBeUndefined();
  }
});
