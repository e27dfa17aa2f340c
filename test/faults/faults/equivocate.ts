import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../../protocols/message/index.ts';
import { Author, seedOf } from '../../support/federation.ts';
import { until } from '../../support/until.ts';
import type { Fault } from '../fault.ts';
import type { NodeProcess } from '../node-process.ts';
import { Outsider } from '../outsider.ts';
import { otherSide } from '../sides.ts';

/** A member says one thing to one half of the federation and another to the other, at the same place of its feed. */
export const equivocate: Fault = {
  name: 'equivocate',
  cards: 1,
  async act({ nodes, wiring, federation, forks, liars, signal }, draw) {
    const name = liars.shift();
    if (name === undefined) throw new Error('the charter has no liar left');
    const side = otherSide(nodes, draw);
    const dialled = nodes.filter(({ libp2p }) => libp2p !== null);
    const here = draw.pick(dialled.filter((node) => !side.includes(node.name)));
    const there = draw.pick(dialled.filter((node) => side.includes(node.name)));
    const parted = draw.chance(0.5);
    const author = new Author(name, federation);
    await using toHere = await Outsider.connect(seedOf(name), federation, here, signal);
    await using toThere = await Outsider.connect(seedOf(name), federation, there, signal);

    const before = draw.between(0, 4);
    for (let n = 0; n < before; n++) await toHere.tell(author.say('something-new/2', { n }));
    const versions = ['true', 'false'].map((said) => author.branch('something-new/2', { said }));
    const [one, other] = versions as [Message, Message];
    forks.push({ author: one.author, sequence: one.sequence, messages: [one.id, other.id] });
    if (parted) {
      await everyone(nodes, before === 0 ? null : one.previous);
      wiring.split(side, 'closed');
    }
    await Promise.all([toHere.tell(one), toThere.tell(other)]);
    if (parted) {
      await delay(draw.between(0, 500));
      wiring.heal();
    }
    return `${name} at ${before}, to ${here.name} and ${there.name}${parted ? ', parted' : ''}`;
  },
};

/** The feed up to the fork, so that each side can judge the version it hears. */
async function everyone(nodes: readonly NodeProcess[], id: Message['previous']): Promise<void> {
  if (id === null) return;
  await until(async () => !(await Promise.all(nodes.map((node) => node.has(id)))).includes(false), {
    what: `every node has ${id}`,
  });
}
