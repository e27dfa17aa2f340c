import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, RESTARTED } from '../fault.ts';

/** SIGKILL at any moment of work or of a start. */
export const kill: Fault = {
  name: 'kill',
  cards: 4,
  async act({ nodes, workload, backups, round }, draw) {
    const node = draw.pick(nodes);
    const afterMs = draw.between(0, 1_000);
    const startsMs = draw.chance(0.3) ? draw.between(0, 1_500) : null;
    const keeps = draw.chance(0.5);
    workload.tolerate(node, ...RESTARTED);
    await delay(afterMs);
    await node.kill();
    if (startsMs !== null) {
      const launched = node.launch();
      await Promise.race([launched, delay(startsMs)]);
      await node.kill();
      await launched;
    }
    if (keeps) await backups.save(node, round);
    await node.start();
    return `${node.name} after ${afterMs} ms${startsMs === null ? '' : `, ${startsMs} ms into its start`}`;
  },
};
