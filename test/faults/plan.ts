import { Draw } from './draw.ts';
import type { Fault } from './fault.ts';
import { clock } from './faults/clock.ts';
import { cut } from './faults/cut.ts';
import { diskFull } from './faults/disk-full.ts';
import { equivocate } from './faults/equivocate.ts';
import { flood } from './faults/flood.ts';
import { kill } from './faults/kill.ts';
import { killReserved } from './faults/kill-reserved.ts';
import { partition } from './faults/partition.ts';
import { restore } from './faults/restore.ts';
import { tornPage } from './faults/torn-page.ts';

export const FAULTS: readonly Fault[] = [
  kill,
  killReserved,
  tornPage,
  diskFull,
  cut,
  partition,
  clock,
  restore,
  equivocate,
  flood,
];

/** Which fault each round has: decks of cards, shuffled, so that each comes up in every so many rounds. */
export function planRounds(seed: number, rounds: number, faults: readonly Fault[] = FAULTS): Fault[] {
  const draw = new Draw(seed);
  const deck = faults.flatMap((fault) => Array.from({ length: fault.cards }, () => fault));
  const plan: Fault[] = [];
  while (plan.length < rounds) plan.push(...draw.shuffled(deck));
  return plan.slice(0, rounds);
}

/** Each fault once. */
export function planTour(seed: number): Fault[] {
  return new Draw(seed).shuffled(FAULTS);
}
