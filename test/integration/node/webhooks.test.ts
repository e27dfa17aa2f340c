import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homePaths } from '../../../services/node/home.ts';
import { deliverThroughKills } from '../../faults/webhooks/deliver.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { runCli } from '../../support/run-cli.ts';
import { frontierBody } from '../../support/samples.ts';
import { testSeed } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { Receiver, SECRET } from '../../support/webhooks/receiver.ts';

const { signal } = new AbortController();

test('a node that is killed delivers every event at least once and in order', async () => {
  const report = await deliverThroughKills({
    folder: await freshFolder(),
    seed: testSeed(),
    events: 300,
    kills: 3,
    signal,
  });
  expect(report.events).toBeGreaterThanOrEqual(300);
  expect(report.distinct).toEqual(Array.from({ length: report.events }, (_, i) => i + 1));
  expect(report.forged).toBe(0);
});

test('the command makes, lists, replays and removes subscriptions, with a filter', async () => {
  const folder = await freshFolder();
  const { 'example-lab': home = '' } = await foundHomes(folder, [{ name: 'example-lab' }]);
  await using receiver = await Receiver.start();
  const strict = await LiveNode.start(home);
  const refused = await runCli(['subscription', 'add', receiver.url, '--home', home]);
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toContain('request-refused');
  await strict[Symbol.asyncDispose]();

  const { config } = homePaths(home);
  const changed = { ...JSON.parse(await readFile(config, 'utf8')), events: { privateWebhooks: true } };
  await writeFile(config, JSON.stringify(changed));
  const node = await LiveNode.start(home);
  const cli = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(['subscription', ...args, '--home', home]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  };
  const options = ['--type', 'frontier.released', '--lab', 'example-lab', '--released', '--secret', SECRET];
  const { id } = JSON.parse(await cli('add', receiver.url, ...options, '--json'));
  const message = await node.publish('frontier-release/1', frontierBody('tiny-frontier', 6_689_024));
  await until(() => receiver.received.length > 0);
  expect(receiver.received[0]).toMatchObject({ subject: message, data: { name: 'tiny-frontier' } });
  expect(await cli('list')).toContain(id);
  await cli('replay', id);
  await until(() => receiver.received.length > 1);
  expect(await cli('dead', id)).toContain('no dead letters');
  await cli('remove', id);
  expect(JSON.parse(await cli('list', '--json'))).toEqual([]);
  expect(join(home, 'webhooks.sqlite')).toBe(homePaths(home).webhooks);
});
