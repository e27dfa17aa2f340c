import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { otherSide } from '../sides.ts';

/** Two groups that both go on speaking and hear nothing of each other; then the partition heals. */
export const partition: Fault = {
  name: 'partition',
  cards: 2,
  async act({ nodes, wiring }, draw) {
    const side = otherSide(nodes, draw);
    const state = draw.pick(['closed', 'stalled'] as const);
    const forMs = draw.between(300, 2_000);
    wiring.split(side, state);
    await delay(forMs);
    wiring.heal();
    return `${side.join(', ')} ${state} off for ${forMs} ms`;
  },
};
