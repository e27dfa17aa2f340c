import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, RESTARTED } from '../fault.ts';

const HOUR_MS = 3_600_000;

/** One node's clock is an hour off while it speaks and hears. */
export const clock: Fault = {
  name: 'clock',
  cards: 1,
  async act({ nodes, workload, settle }, draw) {
    const node = draw.pick(nodes);
    const ahead = draw.chance(0.5);
    workload.tolerate(node, ...RESTARTED);
    await node.stop();
    await node.start({ clockMs: ahead ? HOUR_MS : -HOUR_MS });
    await delay(draw.between(200, 800));
    const { tookMs } = await settle();
    await node.stop();
    await node.start();
    return `${node.name} an hour ${ahead ? 'ahead' : 'behind'}, heard in ${Math.round(tookMs)} ms`;
  },
};
