import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseOrigin } from '../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { CHARTER_POLICY } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { startOutsideWitness } from '../../support/outside-witness.ts';
import { frontierBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

let near: NatsServer;
let far: NatsServer;

beforeAll(async () => {
  near = await startNatsServer();
  far = await startNatsServer();
});
afterAll(async () => {
  await near[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

describe('a message', () => {
  test('is witnessed over libp2p, NATS and HTTP, by members and by an outsider, and every node knows when', async () => {
    const outside = await startOutsideWitness((origin) => {
      const named = parseOrigin(origin);
      return named === null ? null : parseDidKey('ed25519', named.author);
    });
    const { key, keyName, url } = outside;
    const witnesses = ['example-academy', 'example-regulator', 'example-observer', 'outside'];
    // the observer shares no carrier with the lab: its gateway is the only way to it
    const homes = await foundHomes(
      await freshFolder(),
      [
        { name: 'example-lab', natsUrl: near.url },
        { name: 'example-academy', natsUrl: far.url, witness: true },
        { name: 'example-regulator', libp2p: false, natsUrl: near.url, witness: true },
        { name: 'example-observer', libp2p: false, natsUrl: far.url, witness: true },
      ],
      {
        ...CHARTER_POLICY,
        witness: {
          outside: [{ name: 'outside', key, keyName, url }],
          groups: [{ name: 'all', threshold: 4, members: witnesses }],
          quorum: 'all',
        },
      },
    );
    const nodes = await Promise.all(Object.values(homes).map((home) => LiveNode.start(home)));
    const [lab] = nodes as [LiveNode, ...LiveNode[]];
    await until(() => nodes.every(({ node }) => node.status().ownFeed.state === 'confirmed'));
    const id = await lab.publish('frontier-release/1', frontierBody('tiny'));
    await until(
      async () => {
        const records = await Promise.all(nodes.map((node) => node.record()));
        return records.every(({ record }) =>
          record.frontierReleases.some((each) => each.id === id && each['established'] !== null),
        );
      },
      { timeoutMs: 30_000, what: 'established on every node' },
    );
    expect(lab.node.status().witnessing.cosigned.map(({ witness, size }) => [witness, size])).toEqual(
      witnesses.map((name) => [name, lab.node.status().witnessing.shown]),
    );
    for (const { node } of nodes) {
      const proof = await (await fetch(`${node.url}/messages/${id}.tlog-proof`)).text();
      expect(proof.match(/^\u2014 /gm)).toHaveLength(5);
    }
  });
});
