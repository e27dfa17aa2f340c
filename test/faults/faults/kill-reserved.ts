import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { type Fault, RESTARTED } from '../fault.ts';

const PROGRAM = fileURLToPath(new URL('../reserve-and-die.ts', import.meta.url));

/** SIGKILL between the reservation of a sequence and its signature: the same message must come of it, and no other. */
export const killReserved: Fault = {
  name: 'kill-reserved',
  cards: 2,
  async act({ nodes, workload, round }, draw) {
    const node = draw.pick(nodes);
    workload.tolerate(node, ...RESTARTED);
    await node.kill();
    const child = spawn(process.execPath, [PROGRAM, node.home, `round ${round}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const id = (await text(child.stdout)) as MessageId;
    await ended;
    if (child.signalCode !== 'SIGKILL' || id === '')
      throw new Error('the program did not die while it signed');
    await node.start();
    // reserved is as good as acknowledged: its sequence can be given to nothing else
    workload.acknowledged.push({ id, by: node.name, round });
    return node.name;
  },
};
