import type { ErrorCode } from '../../protocols/base/errors.ts';
import type { Draw } from './draw.ts';
import type { World } from './world.ts';

/** Something that goes wrong in one round, and is healed when `act` resolves: every node runs, every link is open. */
export interface Fault {
  readonly name: string;
  /** Cards of a deck: how often it is drawn beside the others. */
  readonly cards: number;
  /** @returns what was done, in a few words. @throws Error when the nodes did not do as promised */
  act(world: World, draw: Draw): Promise<string>;
}

/** What a node that was ended and started may answer: it is away, or has not heard yet how far its own feed had come. */
export const RESTARTED = ['node-unreachable', 'feed-unconfirmed'] as const satisfies readonly ErrorCode[];
