import { setTimeout as delay } from 'node:timers/promises';
import type { Draw } from '../draw.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';

/** One transport goes away for a while, for all nodes or for one. */
export const cut: Fault = {
  name: 'cut',
  cards: 3,
  async act(world, draw) {
    const what = draw.pick([natsServer, natsLinks, libp2pLinks]);
    return what(world, draw);
  },
};

/** The server is killed; when it comes back its store may be gone. */
async function natsServer({ nats }: World, draw: Draw): Promise<string> {
  const [awayMs, empty] = [draw.between(100, 1_500), draw.chance(0.5)];
  await nats.kill();
  await delay(awayMs);
  await (empty ? nats.restartEmpty() : nats.restart());
  return `nats-server killed for ${awayMs} ms${empty ? ', its store lost' : ''}`;
}

async function natsLinks({ wiring, nodes }: World, draw: Draw): Promise<string> {
  const node = draw.chance(0.5) ? null : draw.pick(nodes).name;
  const state = draw.pick(['closed', 'stalled'] as const);
  const awayMs = draw.between(100, 1_500);
  wiring.setNats(state, node === null ? null : [node]);
  await delay(awayMs);
  wiring.heal();
  return `nats ${state} for ${node ?? 'all'}, ${awayMs} ms`;
}

async function libp2pLinks({ wiring, nodes }: World, draw: Draw): Promise<string> {
  const node = draw.chance(0.5) ? null : draw.pick(nodes).name;
  const state = draw.pick(['closed', 'stalled'] as const);
  const awayMs = draw.between(100, 1_500);
  wiring.setLibp2p(state, node);
  await delay(awayMs);
  wiring.heal();
  return `libp2p ${state} for ${node ?? 'all'}, ${awayMs} ms`;
}
