import { setTimeout as delay } from 'node:timers/promises';
import { OversightError } from '../../../protocols/base/errors.ts';
import { removeLedger } from '../backups.ts';
import type { Draw } from '../draw.ts';
import { type Fault, RESTARTED } from '../fault.ts';
import type { NodeProcess } from '../node-process.ts';
import type { World } from '../world.ts';

/**
 * A node starts with a ledger of an earlier round, or with its seed alone. It may say nothing before it has its own feed
 * again, so it never gives a sequence to two messages.
 */
export const restore: Fault = {
  name: 'restore',
  cards: 2,
  async act(world, draw) {
    const { nodes, workload, wiring, backups, settle, diskChanged } = world;
    const node = draw.pick(nodes);
    const made = draw.chance(0.25) ? null : backups.roundOf(node);
    const alone = draw.chance(0.5);
    await workload.hush(node);
    workload.tolerate(node, ...RESTARTED);
    await settle();
    await node.kill();
    await (made === null ? removeLedger(node) : backups.restore(node));
    diskChanged(node);
    // a node on NATS only does not start without its server
    if (alone && node.libp2p !== null) {
      isolate(world, node);
      await node.start();
      await expectSilence(node, draw);
      wiring.heal();
    } else {
      await node.start();
    }
    return `${node.name} ${made === null ? 'with its seed alone' : `from round ${made}`}`;
  },
};

function isolate({ wiring }: World, node: NodeProcess): void {
  wiring.setLibp2p('closed', node.name);
  wiring.setNats('closed', [node.name]);
}

/** Nobody can tell it how far its feed had come: whatever it is asked to say, it must refuse. */
async function expectSilence(node: NodeProcess, draw: Draw): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await delay(draw.between(0, 200));
    const spoke = await node.publish('something-new/2', { n }).catch((error: unknown) => error);
    if (spoke instanceof OversightError && spoke.code === 'feed-unconfirmed') continue;
    throw new Error(`${node.name} spoke with an old ledger, or failed otherwise`, { cause: spoke });
  }
}
