import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MemberKey } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { foundingDocument } from '../../protocols/charter/index.ts';
import type { CharterPolicy, Member } from '../../protocols/kinds/index.ts';
import { recordAnswer } from '../../services/cli/answers.ts';
import { NodeClient } from '../../services/cli/node-client.ts';
import { initHome, joinHome, readHome } from '../../services/node/home.ts';
import { peerIdOf, type RunningNode, startNode } from '../../services/node/index.ts';
import { CHARTER_POLICY, MEMBERS, type MemberName } from './federation.ts';
import { steadyPort } from './steady-port.ts';
import { until } from './until.ts';

const { signal } = new AbortController();

export interface HomePlan {
  readonly name: MemberName;
  /** Default true. */
  readonly libp2p?: boolean;
  readonly natsUrl?: string;
  /** Default false: re-runs take the machine from the other tests. */
  readonly verifies?: boolean;
  /** Has the role `witness` beside its own. Default false. */
  readonly witness?: boolean;
}

/** Homes of members of one new federation, ready to start. The first with libp2p is where the others meet. */
export async function foundHomes(
  folder: string,
  plans: readonly HomePlan[],
  policy: CharterPolicy = CHARTER_POLICY,
): Promise<Record<string, string>> {
  const meeting = `/ip4/127.0.0.1/tcp/${await steadyPort()}`;
  const members: Member[] = [];
  const homes: Record<string, string> = {};
  let peers: string[] | null = null;
  for (const { name, libp2p = true, natsUrl, verifies = false, witness = false } of plans) {
    const home = join(folder, name);
    const { organisation, roles } = MEMBERS[name];
    const member = await initHome(
      home,
      { name, organisation, roles: [...roles, ...(witness ? (['witness'] as const) : [])] },
      {
        listen: libp2p ? [peers === null ? meeting : '/ip4/127.0.0.1/tcp/0'] : null,
        peers: peers ?? [],
        nats: natsUrl === undefined ? [] : [natsUrl],
        gatewayPort: 0,
        verifies,
      },
    );
    if (libp2p) peers ??= [`${meeting}/p2p/${peerIdOf(member.keys.libp2p as MemberKey)}`];
    members.push(member);
    homes[name] = home;
  }
  const charter = join(folder, 'charter.json');
  const nonce = '00112233445566778899aabbccddeeff';
  const document = foundingDocument({ name: 'Test federation', nonce, members, policy });
  await writeFile(charter, JSON.stringify(document));
  for (const home of Object.values(homes)) await joinHome(home, charter);
  return homes;
}

/** A node in this process, spoken to over HTTP as anyone would. */
export class LiveNode implements AsyncDisposable {
  readonly home: string;
  readonly node: RunningNode;
  readonly reports: { readonly event: string; readonly facts: object }[];
  readonly #token: string;

  private constructor(home: string, node: RunningNode, token: string, reports: LiveNode['reports']) {
    this.home = home;
    this.node = node;
    this.#token = token;
    this.reports = reports;
  }

  static async start(home: string): Promise<LiveNode> {
    const reports: { event: string; facts: object }[] = [];
    const report = (event: string, facts = {}) => void reports.push({ event, facts });
    const node = await startNode(home, { version: '0.0.0', signal, report });
    const live = new LiveNode(home, node, (await readHome(home)).token, reports);
    onTestFinished(() => live[Symbol.asyncDispose]());
    return live;
  }

  get client(): NodeClient {
    return new NodeClient(this.node.url, { signal });
  }

  async publish(kind: string, body: PlainObject): Promise<string> {
    return (await this.client.publish(kind, body, this.#token)).id;
  }

  async add(directory: string) {
    const { cid, profile, sizeBytes } = await this.client.addContent(directory, this.#token);
    return { cid, profile, sizeBytes };
  }

  async record() {
    const { value, tag } = await this.client.getWithTag('/record', recordAnswer);
    return { record: value, digest: tag };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}

/** Resolves once every node has this many messages or more and their records are equal, and fails if they do not become so. */
export async function agree(nodes: readonly LiveNode[], messages: number): Promise<void> {
  await until(
    () => {
      const all = nodes.map(({ node }) => node.status());
      // as many messages are not yet the same ones: two members may have spoken at once
      return (
        all.every((each) => each.messages >= messages) &&
        new Set(all.map((each) => each.messages)).size === 1 &&
        new Set(all.map((each) => each.recordDigest)).size === 1
      );
    },
    { timeoutMs: 30_000, what: `${messages} messages and one record on each of ${nodes.length} nodes` },
  );
}
