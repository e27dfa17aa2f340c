import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  checkpointNote,
  formatWitnessRequest,
  parseOrigin,
  signHead,
} from '../../../protocols/feed/index.ts';
import { deriveKey } from '../../../protocols/identity/derive.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { pureEd25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import type { CharterPolicy, CharterWitnessPolicy } from '../../../protocols/kinds/index.ts';
import { homePaths, readHome } from '../../../services/node/home.ts';
import { CHARTER_POLICY } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { foundHomes, LiveNode } from '../../support/homes.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { startOutsideWitness } from '../../support/outside-witness.ts';
import { runCli } from '../../support/run-cli.ts';
import { frontierBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

/** What each node says when it starts: that it joins, and where it is. */
const INTRODUCTION = 2;

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

describe('witnesses', () => {
  test('cosign over libp2p, NATS and HTTP, members and an outsider; every node knows when, and proves it', async () => {
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
      policyOf([{ name: 'all', threshold: 4, members: witnesses }], 'all', [
        { name: 'outside', key, keyName, url },
      ]),
    );
    const nodes = await startAll(homes);
    const [lab] = nodes as [LiveNode, ...LiveNode[]];
    const id = await lab.publish('frontier-release/1', frontierBody('tiny'));
    await until(
      async () => {
        const records = await Promise.all(nodes.map((node) => node.record()));
        return records.every(({ record }) =>
          record.frontierReleases.some((each) => each.id === id && each['established'] !== null),
        );
      },
      { timeoutMs: 60_000, what: 'established on every node' },
    );
    // what a witness has published may be with all before its answer is with the author
    await until(() => isCosigned(lab, lab.node.status().witnessing.shown), { what: 'every answer' });
    expect(lab.node.status().witnessing.cosigned.map(({ witness, size }) => [witness, size])).toEqual(
      witnesses.map((name) => [name, lab.node.status().witnessing.shown]),
    );
    for (const { node } of nodes) {
      const proof = await (await fetch(`${node.url}/messages/${id}.tlog-proof`)).text();
      expect(proof.match(/^\u2014 /gm)).toHaveLength(1 + witnesses.length);
    }
    await provesOffline((nodes.at(-1) as LiveNode).node.url, id);
  });

  test('refuse an author that shows another history, and tell everyone', async () => {
    const names = ['example-academy', 'example-regulator'];
    const homes = await foundHomes(
      await freshFolder(),
      [
        { name: 'example-lab' },
        { name: 'example-academy', witness: true },
        { name: 'example-regulator', witness: true },
      ],
      policyOf([{ name: 'both', threshold: 2, members: names }], 'both'),
    );
    const nodes = await startAll(homes);
    const [lab, academy] = nodes as [LiveNode, LiveNode, ...LiveNode[]];
    const shown = INTRODUCTION;
    await until(() => lab.node.status().witnessing.shown === shown && isCosigned(lab, shown));
    const show = await liarOf(lab, academy);
    expect(await show(shown, shown + 3, [randomBytes(32), randomBytes(32)])).toBe(422);
    expect(await show(shown, shown, [])).toBe(409);
    await until(
      async () => {
        const records = await Promise.all(
          nodes.map((node) =>
            node.client.get(
              '/record',
              z.looseObject({ forks: z.array(z.looseObject({ name: z.string(), at: z.int() })) }),
            ),
          ),
        );
        return records.every(({ forks }) =>
          forks.some(({ name, at }) => name === 'example-lab' && at === shown - 1),
        );
      },
      { what: 'the fork in every record' },
    );
  });

  test('that have lost their file learn from their own feed what they have cosigned', async () => {
    const homes = await foundHomes(
      await freshFolder(),
      [{ name: 'example-lab' }, { name: 'example-academy', witness: true }],
      policyOf([{ name: 'one', threshold: 1, members: ['example-academy'] }], 'one'),
    );
    const [lab, academy] = (await startAll(homes)) as [LiveNode, LiveNode];
    const shown = INTRODUCTION;
    await until(() => lab.node.status().witnessing.shown === shown && isCosigned(lab, shown));
    await until(() => academy.node.status().ownFeed.length > INTRODUCTION);
    await academy[Symbol.asyncDispose]();
    for (const end of ['', '-wal', '-shm'])
      await rm(`${homePaths(academy.home).witness}${end}`, { force: true });
    const again = await LiveNode.start(academy.home);
    await until(() => again.node.status().ownFeed.state === 'confirmed');
    const show = await liarOf(lab, again);
    expect(await show(0, shown, [])).toBe(409);
    expect(await show(shown, shown, [])).toBe(409);
  });
});

/** Whether every witness has cosigned this much of the node's feed. */
function isCosigned({ node }: LiveNode, size: number): boolean {
  return node.status().witnessing.cosigned.every((each) => each.size >= size);
}

/** Shows heads to a witness that an author has signed and never had. Resolves with the status of the answer. */
async function liarOf(author: LiveNode, witness: LiveNode) {
  const { seed, charter } = await readHome(author.home);
  const signingSeed = deriveKey(seed, 'signing');
  const signer = { seed: signingSeed, publicKey: signingPublicKey(signingSeed), ed25519: pureEd25519 };
  return async (old: number, size: number, proof: readonly Uint8Array[]) => {
    const head = signHead(charter.id, { size, root: randomBytes(32) }, signer);
    const body = formatWitnessRequest(old, proof, checkpointNote(head, charter.id));
    return (await fetch(`${witness.node.url}/add-checkpoint`, { method: 'POST', body })).status;
  };
}

/** The proof that a node gives holds where there is no node, and not once it has been touched. */
async function provesOffline(url: string, id: string): Promise<void> {
  const folder = await freshFolder();
  const [proof, policy] = [join(folder, 'message.tlog-proof'), join(folder, 'policy')];
  const wrote = await runCli(['proof', id, '--url', url, '--out', proof, '--policy-out', policy]);
  expect(wrote).toMatchObject({ status: 0, stderr: '' });
  const verify = () => runCli(['proof', 'verify', proof, '--policy', policy, '--json']);
  const verified = await verify();
  expect(verified).toMatchObject({ status: 0, stderr: '' });
  const { message, witnesses, established } = JSON.parse(verified.stdout);
  expect([message.id, witnesses.length, established > 1_700_000_000]).toEqual([id, 4, true]);
  const text = await readFile(proof, 'utf8');
  // one witness fewer: it still holds, and the policy is not content
  await writeFile(proof, text.slice(0, text.lastIndexOf('\u2014 ')));
  expect(await verify()).toMatchObject({ status: 1, stderr: '' });
  await writeFile(
    proof,
    text.replace(/^index (\d+)$/m, (_, index: string) => `index ${Number(index) + 1}`),
  );
  const refused = await verify();
  expect([refused.status, refused.stderr.includes('inclusion-invalid')]).toEqual([1, true]);
}

async function startAll(homes: Readonly<Record<string, string>>): Promise<LiveNode[]> {
  const nodes = await Promise.all(Object.values(homes).map((home) => LiveNode.start(home)));
  await until(() => nodes.every(({ node }) => node.status().ownFeed.state === 'confirmed'));
  return nodes;
}

function policyOf(
  groups: CharterWitnessPolicy['groups'],
  quorum: string,
  outside: CharterWitnessPolicy['outside'] = [],
): CharterPolicy {
  return { ...CHARTER_POLICY, witness: { outside, groups, quorum } };
}
