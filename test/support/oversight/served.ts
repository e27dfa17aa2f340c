import type { GatewayNode } from '../../../services/gateway/ports.ts';
import { exampleStory } from '../example-story.ts';
import type { World } from './world.ts';

/** A node that knows what the world knows. What it is not asked for here, it answers as the example does. */
export function nodeOf(world: World): GatewayNode {
  const { node } = exampleStory();
  const record = world.fold.record();
  const answers: Partial<GatewayNode> = {
    record: () => ({ record, digest: 'as it is' }),
    oversightRecord: () => record,
    findingIds: () => world.fold.findingIds(),
    finding: (id) => world.fold.finding(id),
    standings: () => world.fold.standings(),
    charter: () => world.fold.charter().document,
    charters: () => world.fold.charters().map(({ id, document }) => ({ id, document })),
    amendments: () =>
      world.fold.amendments().map(({ charter: { id, document }, proposal, consents }) => {
        return { id, document, proposal, consents };
      }),
  };
  return new Proxy<GatewayNode>(node, {
    get(target, name) {
      const own = answers[name as keyof GatewayNode];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
