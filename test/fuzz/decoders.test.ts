import { expect, it } from 'vitest';
import { TARGETS } from '../support/fuzz/index.ts';
import { numberOf } from '../support/fuzz/number-of.ts';
import { randomFrom, testSeed } from '../support/seed.ts';

/**
 * Mutated vectors into every decoder, for FUZZ_SECONDS (20) shared among them. TEST_SEED repeats a whole run; a round
 * that breaks a promise names itself, and FUZZ_REPLAY=<target>:<round> repeats it alone.
 */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 20);
const REPLAY = process.env['FUZZ_REPLAY']?.split(':');
/** However slow the machine. */
const LEAST_ROUNDS = 200;
/** Until one mutation has come through, where some must. */
const MOST_ROUNDS = 20_000;

const seed = testSeed();
const share = (1_000 * SECONDS) / Object.keys(TARGETS).length;
const chosen = Object.entries(TARGETS).filter(([name]) => REPLAY === undefined || name === REPLAY[0]);

it.each(chosen)('%s', { timeout: 60_000 + 2 * share }, async (name, target) => {
  const until = performance.now() + share;
  const runRound = async (round: number): Promise<boolean> => {
    try {
      return await target.run(randomFrom(round));
    } catch (cause) {
      throw new Error(`FUZZ_REPLAY=${name}:${round}`, { cause });
    }
  };
  if (REPLAY !== undefined) return void (await runRound(Number(REPLAY[1])));
  let rounds = 0;
  let accepted = 0;
  const goOn = () =>
    rounds < LEAST_ROUNDS ||
    performance.now() < until ||
    (target.accepts && accepted === 0 && rounds < MOST_ROUNDS);
  for (; goOn(); rounds++) if (await runRound(numberOf(`${seed} ${name} ${rounds}`))) accepted++;
  console.info(`${name}: ${rounds} rounds, ${accepted} accepted`);
  // a target that accepts nothing has not come past the first check
  expect(accepted > 0).toBe(target.accepts);
  // no input may leave a mark on what all objects share
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
