import { readFile, writeFile } from 'node:fs/promises';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { cloudEvent } from '../../../protocols/events/index.ts';
import { subjectsOf } from '../../../services/network/index.ts';
import { homePaths, readHome } from '../../../services/node/home.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import { frontierBody } from '../../support/samples.ts';

test('a node tells its events on the subjects of their types, if it is configured to', async () => {
  await using server = await startNatsServer();
  const homes = await foundHomes(await freshFolder(), [
    { name: 'example-lab', libp2p: false, natsUrl: server.url },
  ]);
  const home = homes['example-lab'] ?? '';
  const { config } = homePaths(home);
  const changed = { ...JSON.parse(await readFile(config, 'utf8')), events: { nats: true } };
  await writeFile(config, JSON.stringify(changed));
  const { charter, self } = await readHome(home);
  const connection = await connect({ servers: server.url });
  try {
    const subject = subjectsOf(charter.id).event(self.keys.signing, 'frontier.released');
    const heard = connection.subscribe(subject, { max: 1 });
    await connection.flush();
    const node = await LiveNode.start(home);
    const id = await node.publish('frontier-release/1', frontierBody('tiny-frontier'));
    for await (const message of heard) {
      const event = cloudEvent.parse(message.json());
      expect(event).toMatchObject({
        subject: id,
        source: self.keys.signing,
        data: { name: 'tiny-frontier' },
      });
      const page = await (await fetch(`${node.node.url}/events/page?type=frontier.released`)).json();
      expect(page).toMatchObject({ events: [event] });
    }
    await node[Symbol.asyncDispose]();
  } finally {
    await connection.close();
  }
});

test('a node that works is ready, and one without the neighbours that it needs is not', async () => {
  const homes = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
  const home = homes['example-lab'] ?? '';
  const node = await LiveNode.start(home);
  expect((await fetch(`${node.node.url}/health/ready`)).status).toBe(200);
  await node[Symbol.asyncDispose]();
  const { config } = homePaths(home);
  const before = JSON.parse(await readFile(config, 'utf8'));
  const gateway = { ...before.gateway, reads: 'token', peersWithinMs: 1_000 };
  await writeFile(config, JSON.stringify({ ...before, gateway }));
  const guarded = await LiveNode.start(home);
  await expect
    .poll(async () => (await fetch(`${guarded.node.url}/health/ready`)).status, { timeout: 20_000 })
    .toBe(503);
  const readiness = await (await fetch(`${guarded.node.url}/health/ready`)).json();
  expect(readiness).toMatchObject({ ready: false });
  expect((await fetch(`${guarded.node.url}/record`)).status).toBe(401);
  const token = (await readFile(homePaths(home).readToken, 'utf8')).trim();
  const read = await fetch(`${guarded.node.url}/record`, { headers: { authorization: `Bearer ${token}` } });
  expect(read.status).toBe(200);
});
