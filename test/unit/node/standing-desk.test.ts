import { expect, test } from 'vitest';
import { StandingDesk } from '../../../services/node/standing-desk.ts';

/** Writes down what happens to desks; a desk takes until `end` is called to close. */
function desks() {
  const told: string[] = [];
  const faults: unknown[] = [];
  const state = { isDue: false, isBroken: false };
  const desk = new StandingDesk(
    () => state.isDue,
    () => {
      if (state.isBroken) throw new Error('no desk');
      told.push('opened');
      return {
        jobs: () => [],
        [Symbol.asyncDispose]: async () => {
          told.push('closing');
          await new Promise((resolve) => setImmediate(resolve));
          told.push('closed');
        },
      };
    },
    (error) => faults.push(error),
  );
  return { desk, told, state, faults };
}

const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('one desk while it is due, however often the charter changes', async () => {
  const { desk, told, state } = desks();
  desk.follow();
  state.isDue = true;
  desk.follow();
  desk.follow();
  await settled();
  expect(told).toEqual(['opened']);
  state.isDue = false;
  desk.follow();
  await settled();
  state.isDue = true;
  desk.follow();
  await settled();
  await desk[Symbol.asyncDispose]();
  expect(told).toEqual(['opened', 'closing', 'closed', 'opened', 'closing', 'closed']);
});

test('after its end none is opened, and ending twice is ending once', async () => {
  const { desk, told, state } = desks();
  await desk[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
  state.isDue = true;
  desk.follow();
  await settled();
  expect(told).toEqual([]);
});

test('a desk that cannot be opened is told of, and tried again with the next charter', async () => {
  const { desk, told, state, faults } = desks();
  state.isDue = true;
  state.isBroken = true;
  desk.follow();
  await settled();
  expect(faults).toHaveLength(1);
  state.isBroken = false;
  desk.follow();
  await settled();
  await desk[Symbol.asyncDispose]();
  expect(told).toEqual(['opened', 'closing', 'closed']);
});
