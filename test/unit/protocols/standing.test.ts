import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../protocols/kinds/index.ts';
import { standingOf } from '../../../protocols/verdict/index.ts';

const votes = (...pairs: readonly (readonly [organisation: string, outcome: Outcome])[]) =>
  pairs.map(([organisation, outcome]) => ({ organisation, outcome }));

describe('standingOf', () => {
  it.each([
    ['no votes', votes(), 2, 'open'],
    ['one short', votes(['a', 'confirmed']), 2, 'open'],
    ['a quorum', votes(['a', 'confirmed'], ['b', 'confirmed']), 2, 'confirmed'],
    ['a quorum against', votes(['a', 'refuted'], ['b', 'refuted']), 2, 'refuted'],
    [
      'a quorum and a dissent',
      votes(['a', 'confirmed'], ['b', 'confirmed'], ['c', 'refuted']),
      2,
      'confirmed',
    ],
    ['two quorums', votes(['a', 'confirmed'], ['b', 'refuted']), 1, 'disputed'],
    ['one organisation twice', votes(['a', 'confirmed'], ['a', 'confirmed']), 2, 'open'],
    [
      'an organisation at odds with itself',
      votes(['a', 'confirmed'], ['a', 'refuted'], ['b', 'confirmed']),
      2,
      'open',
    ],
    ['an organisation half undecided', votes(['a', 'confirmed'], ['a', 'inconclusive']), 1, 'open'],
    ['inconclusive', votes(['a', 'inconclusive'], ['b', 'inconclusive']), 1, 'open'],
    ['not re-runnable', votes(['a', 'not-rerunnable'], ['b', 'hardware-dependent']), 1, 'open'],
  ] as const)('%s', (_id, given, quorum, standing) => {
    expect(standingOf(given, quorum)).toBe(standing);
    expect(standingOf(given.toReversed(), quorum)).toBe(standing);
  });
});
