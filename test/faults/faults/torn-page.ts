import { OversightError } from '../../../protocols/base/errors.ts';
import { homePaths } from '../../../services/node/home.ts';
import { removeLedger } from '../backups.ts';
import type { Draw } from '../draw.ts';
import { type Fault, RESTARTED } from '../fault.ts';
import type { NodeProcess } from '../node-process.ts';
import { tearCheckpointedPage, tearLastCommit, tearLastPage, tearWriteInFlight } from '../torn.ts';
import type { World } from '../world.ts';

/**
 * The last page of the database is torn. What a power cut can tear, the log heals and nothing is lost. What only a lying
 * disk can tear costs commits or the file: the node goes on from what it still has, or refuses and is given an empty
 * ledger, and fetches all of it from the others.
 */
export const tornPage: Fault = {
  name: 'torn-page',
  cards: 3,
  async act(world, draw) {
    const node = draw.pick(world.nodes);
    const what = draw.pick([writeInFlight, checkpointedPage, lastCommit, lastPage]);
    return `${node.name}, ${await what(world, node, draw)}`;
  },
};

/** Killed while it wrote the next commit into the log. */
async function writeInFlight({ workload }: World, node: NodeProcess, draw: Draw): Promise<string> {
  workload.tolerate(node, ...RESTARTED);
  await node.kill();
  await tearWriteInFlight(homePaths(node.home).ledger, draw);
  await node.start();
  return 'a write in flight';
}

/** Killed while the log was copied into the database. */
async function checkpointedPage({ workload }: World, node: NodeProcess, draw: Draw): Promise<string> {
  workload.tolerate(node, ...RESTARTED);
  await node.kill();
  await tearCheckpointedPage(homePaths(node.home).ledger, draw);
  await node.start();
  return 'a page that was being copied';
}

/** The disk said that the last commit was safe, and it was not. */
async function lastCommit(world: World, node: NodeProcess, draw: Draw): Promise<string> {
  await killAtRest(world, node);
  await tearLastCommit(homePaths(node.home).ledger, draw);
  world.diskChanged(node);
  await node.start();
  return 'the last commit';
}

/** A page at rest is lost, which the database may see at its start, later, or never. */
async function lastPage(world: World, node: NodeProcess, draw: Draw): Promise<string> {
  await killAtRest(world, node);
  await tearLastPage(homePaths(node.home).ledger, draw);
  world.diskChanged(node);
  try {
    await node.start();
    await world.settle();
    return 'the last page, not missed';
  } catch (error) {
    if (!(error instanceof OversightError) || error.code !== 'ledger-damaged') throw error;
  }
  await removeLedger(node);
  await node.start();
  return 'the last page; it refused and began with an empty ledger';
}

/** What only its disk has is lost with it, so the others must have all that this node acknowledged. */
async function killAtRest(world: World, node: NodeProcess): Promise<void> {
  await world.workload.hush(node);
  world.workload.tolerate(node, ...RESTARTED);
  await world.settle();
  await node.kill();
}
