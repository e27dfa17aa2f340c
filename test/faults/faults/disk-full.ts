import { setTimeout as delay } from 'node:timers/promises';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MessageId } from '../../../protocols/base/ids.ts';
import type { Draw } from '../draw.ts';
import type { Fault } from '../fault.ts';
import type { NodeProcess } from '../node-process.ts';

const LIMIT_BYTES = 65_536;
const ATTEMPTS_LIMIT = 50;

/** No file of one node may grow or be written any further. It refuses with a code, keeps serving, and goes on later. */
export const diskFull: Fault = {
  name: 'disk-full',
  cards: 2,
  async act({ nodes, workload, round }, draw) {
    const node = draw.pick(nodes);
    workload.tolerate(node, 'disk-full');
    await node.limitFiles(draw.between(0, LIMIT_BYTES));
    const stored = await untilRefused(node, draw);
    for (const id of stored) workload.acknowledged.push({ id, by: node.name, round });
    await node.status();
    await delay(draw.between(0, 500));
    await node.limitFiles('unlimited');
    return `${node.name}, refused after ${stored.length} more`;
  },
};

/** @returns what it could still store */
async function untilRefused(node: NodeProcess, draw: Draw): Promise<MessageId[]> {
  const stored: MessageId[] = [];
  for (let n = 0; n < ATTEMPTS_LIMIT; n++) {
    try {
      const body = { n, padding: 'x'.repeat(draw.between(10_000, 50_000)) };
      stored.push((await node.publish('something-new/2', body)) as MessageId);
    } catch (error) {
      if (error instanceof OversightError && error.code === 'disk-full') return stored;
      throw error;
    }
  }
  throw new Error(`${node.name} still writes with a full disk`);
}
