import { rename } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { CloudEvent } from '../../../protocols/events/index.ts';
import { homePaths } from '../../../services/node/home.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { POLLED, readinessOf } from '../../support/readiness.ts';
import { frontierBody } from '../../support/samples.ts';

async function lab(): Promise<LiveNode> {
  const { 'example-lab': home = '' } = await foundHomes(await freshFolder(), [{ name: 'example-lab' }]);
  const node = await LiveNode.start(home);
  await expect.poll(() => readinessOf(node.node.url), POLLED).toEqual({ status: 200, failing: [] });
  return node;
}

test('a node whose ledger has been taken away is not ready, until it is back', async () => {
  const { home, node } = await lab();
  const { ledger } = homePaths(home);
  await rename(ledger, `${ledger}.away`);
  await expect.poll(() => readinessOf(node.url), POLLED).toEqual({ status: 503, failing: ['storage'] });
  expect((await fetch(`${node.url}/health/live`)).status).toBe(200);
  await rename(`${ledger}.away`, ledger);
  await expect.poll(() => readinessOf(node.url), POLLED).toEqual({ status: 200, failing: [] });
});

test('a node that stores messages and not their events is not ready, until all events are stored', async () => {
  const live = await lab();
  const { url } = live.node;
  const eventsOf = async () => {
    const page = await fetch(`${url}/events/page?type=frontier.released`);
    const { events } = (await page.json()) as { readonly events: readonly CloudEvent[] };
    return events.map(({ data }) => data['name']);
  };
  using database = new DatabaseSync(homePaths(live.home).ledger);
  database.exec("CREATE TRIGGER no_more BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no more'); END");
  await live.publish('frontier-release/1', frontierBody('one'));
  expect(await readinessOf(url)).toEqual({ status: 503, failing: ['events'] });
  expect(await eventsOf()).toEqual([]);
  database.exec('DROP TRIGGER no_more');
  await live.publish('frontier-release/1', frontierBody('two'));
  expect(await readinessOf(url)).toEqual({ status: 200, failing: [] });
  expect(await eventsOf()).toEqual(['one', 'two']);
});
