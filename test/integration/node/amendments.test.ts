import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  type ClaimedCharter,
  readCharters,
} from '../../../services/gateway/dashboard/checker/trusted-charters.ts';
import { subjectsOf } from '../../../services/network/index.ts';
import { initHome, joinHome, readHome } from '../../../services/node/home.ts';
import { prepareNextKey } from '../../../services/node/index.ts';
import { MEMBERS, type MemberName } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { agree, foundHomes, LiveNode } from '../../support/homes.ts';
import { runCli } from '../../support/run-cli.ts';
import { cardBody, findingBody, frontierBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

const NAMES = ['example-lab', 'example-academy', 'example-regulator'] as const;
const proposed = z.looseObject({ proposal: z.string(), charter: z.string() });

/** Runs the command at a node's home, and gives what it printed. */
async function at(node: LiveNode, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli([...args, '--home', node.home]);
  expect(status, `${args.join(' ')}\n${stderr}`).toBe(0);
  return stdout;
}

async function start(folder: string, verifies = false): Promise<LiveNode[]> {
  const homes = await foundHomes(
    folder,
    NAMES.map((name) => ({ name, verifies })),
  );
  const nodes: LiveNode[] = [];
  for (const name of NAMES) nodes.push(await LiveNode.start(homes[name] as string));
  await agree(nodes, 2 * NAMES.length);
  return nodes;
}

/** The first proposes and consents, the second consents; then all have the version. */
async function amend(nodes: readonly LiveNode[], version: number, ...args: string[]): Promise<void> {
  const [first, second] = nodes as [LiveNode, LiveNode];
  const answer = await at(first, 'charter', 'propose', '--reason', 'a test', '--consent', '--json', ...args);
  const { proposal } = proposed.parse(JSON.parse(answer));
  await until(async () => (await second.record()).record.proposals.some(({ id }) => id === proposal), {
    what: 'the proposal at the second member',
  });
  await at(second, 'charter', 'consent', proposal, '--yes');
  await inForce(nodes, version);
}

async function inForce(nodes: readonly LiveNode[], version: number): Promise<void> {
  await until(() => nodes.every(({ node }) => node.status().charter.version === version), {
    what: `version ${version} of the charter`,
  });
}

async function newcomer(folder: string, nodes: readonly LiveNode[], name: MemberName) {
  const home = join(folder, name);
  const { organisation, roles } = MEMBERS[name];
  const running = z.looseObject({ libp2p: z.array(z.string()) });
  const { libp2p } = running.parse(
    JSON.parse(await readFile(join((nodes[0] as LiveNode).home, 'node.json'), 'utf8')),
  );
  await initHome(
    home,
    { name, organisation, roles: [...roles] },
    { listen: ['/ip4/127.0.0.1/tcp/0'], peers: libp2p, nats: [], gatewayPort: 0, verifies: false },
  );
  const joined = await joinHome(home, join(folder, 'charter.json'));
  expect(joined.isFounder).toBe(false);
  return home;
}

/** A browser at this node's page follows its charters up to this version, and no further than their consents go. */
async function expectFollowed({ node }: LiveNode, version: number): Promise<void> {
  const answer = await fetch(`${node.url}/charter/history`);
  const { charters } = (await answer.json()) as { readonly charters: readonly ClaimedCharter[] };
  const wireOf = async (id: string) =>
    new Uint8Array(await (await fetch(`${node.url}/messages/${id}?format=wire`)).arrayBuffer());
  const read = async (claimed: readonly ClaimedCharter[]) => {
    const trusted = await readCharters(node.status().federation, claimed, wireOf);
    return trusted.ok ? { length: trusted.value.charters.length, fault: trusted.value.fault } : trusted;
  };
  expect(await read(charters)).toEqual({ length: version + 1, fault: null });
  const [first, next] = charters as [ClaimedCharter, ClaimedCharter];
  const short = await read([first, { ...next, consents: next.consents.slice(1) }]);
  expect(short).toMatchObject({ length: 1, fault: expect.stringMatching(/^charter-unconsented: /) });
}

test('a member joins by amendment, hears what was said before, and speaks', async () => {
  const folder = await freshFolder();
  const nodes = await start(folder);
  const home = await newcomer(folder, nodes, 'example-observer');
  const diff = await runCli(['charter', 'diff', '--home', (nodes[0] as LiveNode).home]);
  expect(diff.status).toBe(1);
  await amend(nodes, 1, '--add', join(home, 'member.json'));
  const joined = await LiveNode.start(home);
  await inForce([joined], 1);
  await until(async () => (await joined.record()).record.members.every(({ card }) => card !== null), {
    what: 'every member’s card, its own too',
  });
  await agree([...nodes, joined], 11);
  const users = await at(joined, 'charter', 'nats-users');
  expect(users.match(/nkey: U[A-Z2-7]{55}/g)).toHaveLength(NAMES.length + 1);
  const { federation } = joined.node.status();
  expect(users).toContain(`# federation ${federation}, version 1`);
  const first = await runCli(['charter', 'nats-users', join(folder, 'charter.json')]);
  const subjects = subjectsOf(federation).stream;
  for (const text of [users, first.stdout]) expect(text).toContain(subjects);
  const history = await at(joined, 'charter', 'history');
  expect(history).toContain('example-observer');
  await expectFollowed(joined, 1);
  const shown = await at(joined, 'charter', 'show', '--json');
  expect(
    z.looseObject({ charter: z.looseObject({ version: z.int() }) }).parse(JSON.parse(shown)).charter.version,
  ).toBe(1);
});

test('a node takes up its next keys once they are in force; its old ones say no more', async () => {
  const folder = await freshFolder();
  const nodes = await start(folder);
  const [lab, academy, regulator] = nodes as [LiveNode, LiveNode, LiveNode];
  const before = await lab.publish('frontier-release/1', frontierBody('before', null));
  const old = (await readHome(lab.home)).self.keys.signing;
  const entry = await prepareNextKey(lab.home);
  await amend(nodes, 1, '--rotate', join(lab.home, 'member.next.json'));
  await expect(lab.publish('member-card/1', cardBody('too late'))).rejects.toMatchObject({
    code: 'message-refused',
  });
  await lab[Symbol.asyncDispose]();
  const again = await LiveNode.start(lab.home);
  expect(again.node.status().member).toBe(entry.keys.signing);
  await expect(stat(join(lab.home, `seed.former-${old.slice(-8)}`))).resolves.toBeDefined();
  await until(() => again.node.status().ownFeed.state === 'confirmed', { what: 'a confirmed feed' });
  const after = await again.publish('frontier-release/1', frontierBody('after', null));
  await until(async () => (await academy.record()).record.frontierReleases.length === 2, {
    what: 'both releases',
  });
  const { record } = await academy.record();
  expect(record.frontierReleases.map(({ id }) => id).sort()).toEqual([before, after].sort());
  const member = record.members.find(({ name }) => name === 'example-lab');
  expect(member).toMatchObject({ key: entry.keys.signing, former: [{ key: old, reason: 'rotated' }] });
  await agree([again, academy, regulator], 12);
});

test('a removed member is heard no more, and a policy file changes what the charter asks for', async () => {
  const folder = await freshFolder();
  const nodes = await start(folder);
  const [lab, academy, regulator] = nodes as [LiveNode, LiveNode, LiveNode];
  const policy = join(folder, 'policy.json');
  await writeFile(policy, JSON.stringify({ amendment: { consentPpm: 600_000 } }));
  await amend([lab, academy, regulator], 1, '--policy', policy);
  await amend([lab, academy], 2, '--remove', 'example-regulator');
  await until(() => lab.node.status().transports.every(({ peers }) => peers === 1), {
    what: 'one peer less',
  });
  const { record } = await lab.record();
  expect(record.members.map(({ name }) => name)).toEqual(['example-academy', 'example-lab']);
  expect(record.formerMembers).toMatchObject([
    { name: 'example-regulator', former: [{ reason: 'removed' }] },
  ]);
});

test('a member that an amendment makes a witness witnesses, without a restart', async () => {
  const folder = await freshFolder();
  const nodes = await start(folder);
  const [lab, academy, regulator] = nodes as [LiveNode, LiveNode, LiveNode];
  const release = await lab.publish('frontier-release/1', frontierBody('seen later', null));
  const policy = join(folder, 'policy.json');
  const groups = [{ name: 'watch', threshold: 1, members: ['example-regulator'] }];
  await writeFile(policy, JSON.stringify({ witness: { outside: [], groups, quorum: 'watch' } }));
  expect(regulator.node.status().witnessing.isWitness).toBe(false);
  await amend(nodes, 1, '--policy', policy, '--roles', 'example-regulator=regulator,witness');
  const after = await lab.publish('frontier-release/1', frontierBody('seen', null));
  const knownOf = async (node: LiveNode, id: string) =>
    (await node.record()).record.frontierReleases.find((each) => each.id === id)?.established ?? null;
  for (const node of nodes) {
    await until(async () => (await knownOf(node, after)) !== null, { what: 'an established time' });
    // what was said under the first charter, which asks for no witnesses, is judged by that
    expect(await knownOf(node, release)).toBeNull();
  }
  expect(regulator.node.status().witnessing.isWitness).toBe(true);
  await agree([lab, academy, regulator], 2 * NAMES.length + 5);
});

test('a member that an amendment makes a verifier takes up findings, and puts them down again', async () => {
  const folder = await freshFolder();
  const nodes = await start(folder, true);
  const [, academy, regulator] = nodes as [LiveNode, LiveNode, LiveNode];
  const finding = await academy.publish('finding/1', findingBody('said before'));
  const jobs = () => regulator.node.status().jobs.map((job) => job.finding as string);
  expect(jobs()).toEqual([]);
  const policy = join(folder, 'policy.json');
  const verification = { quorum: 1, alphaPpm: 50_000, controls: 2 };
  await writeFile(policy, JSON.stringify({ verification }));
  await amend(nodes, 1, '--policy', policy, '--roles', 'example-regulator=regulator,verifier');
  await until(() => jobs().includes(finding), { what: 'the finding on the desk' });
  await amend(nodes, 2, '--roles', 'example-regulator=regulator');
  await until(() => jobs().length === 0, { what: 'an empty desk' });
});
