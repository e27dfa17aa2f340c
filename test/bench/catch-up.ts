import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { toHex } from '../../protocols/base/bytes.ts';
import type { MemberKey } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { type Hash, leafHash, MerkleTree, signHead } from '../../protocols/feed/index.ts';
import { readStored } from '../../protocols/message/index.ts';
import { nativeSha256 } from '../../services/keys/index.ts';
import { Ledger } from '../../services/ledger/index.ts';
import { homePaths, initHome, joinHome } from '../../services/node/home.ts';
import { peerIdOf } from '../../services/node/index.ts';
import {
  charterDocumentOf,
  charterOf,
  entryOf,
  MEMBERS,
  type MemberName,
  seedOf,
  signerOf,
} from '../support/federation.ts';
import { steadyPort } from '../support/steady-port.ts';
import { until } from '../support/until.ts';
import type { FetchFigures } from './catch-up-node.ts';
import { AUTHORS, makeCorpus } from './ingest-corpus.ts';
import { ParallelVerify } from './parallel-verify.ts';
import { canPin, nodeCommand } from './pinned.ts';
import { median } from './quantile.ts';

const MESSAGES = 100_000;
/** Of them, what the two threads verify to give their rate. */
const VERIFIED = 20_000;
const ROUNDS = 3;
/** Messages in one commit while the peer's ledger is filled. */
const FILL = 1_000;
const PEER: MemberName = 'example-lab';
const FRESH: MemberName = 'example-observer';

export interface CatchUpFigures {
  /** Time to catch up over the time that verifying every signature takes on both cores. */
  readonly catchUpOverVerifyLimit: number;
  readonly catchUpSeconds: number;
  readonly catchUpPeakMemoryMB: number;
  readonly bothCoresVerifyPerSecond: number;
  readonly pinnedToTwoCores: boolean;
}

/** A fresh node fetches a federation's messages from one peer: two processes on two cores, libp2p on loopback. */
export async function measureCatchUp(): Promise<CatchUpFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'oversight-bench-'));
  const pinned = await canPin('0,1');
  try {
    const charter = charterOf(federation());
    const corpus = makeCorpus(charter, MESSAGES);
    const homes = await makeHomes(folder, charter);
    await fillLedger(homePaths(homes.peer).ledger, charter, corpus);
    await using verify = await ParallelVerify.start(corpus.slice(0, VERIFIED));
    await using peer = await Peer.start(homes.peer, pinned);
    const rounds: (FetchFigures & { readonly verifyMs: number })[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const home = join(folder, `fresh-${round}`);
      await cp(homes.fresh, home, { recursive: true });
      const before = await verify.measure();
      const result = await fetchFrom(peer, home, pinned);
      const after = await verify.measure();
      rounds.push({ ...result, verifyMs: (MESSAGES * (before + after)) / 2 });
      await rm(home, { recursive: true });
    }
    return {
      catchUpOverVerifyLimit: median(rounds.map(({ ms, verifyMs }) => ms / verifyMs)),
      catchUpSeconds: median(rounds.map(({ ms }) => ms)) / 1_000,
      catchUpPeakMemoryMB: Math.max(...rounds.map(({ peakMemoryMB }) => peakMemoryMB)),
      bothCoresVerifyPerSecond: (1_000 * MESSAGES) / median(rounds.map(({ verifyMs }) => verifyMs)),
      pinnedToTwoCores: pinned,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The federation of the tests, with room for its members to have said all this in a day. */
function federation() {
  const document = charterDocumentOf();
  const quotas = { messagesPerHour: MESSAGES, burst: MESSAGES, bytesPerHour: 2 ** 40 };
  return { ...document, policy: { ...document.policy, quotas } };
}

async function makeHomes(folder: string, charter: Charter): Promise<{ peer: string; fresh: string }> {
  const file = join(folder, 'charter.json');
  await writeFile(file, JSON.stringify(charter.document));
  const address = `/ip4/127.0.0.1/tcp/${await steadyPort()}`;
  const make = async (name: MemberName, listen: string, peers: readonly string[]): Promise<string> => {
    const home = join(folder, name);
    const { organisation, roles } = MEMBERS[name];
    const choices = { listen: [listen], peers, nats: [], gatewayPort: 0, verifies: false };
    await initHome(home, { name, organisation, roles }, choices);
    // the seed is that of the made-up member
    await writeFile(homePaths(home).seed, `${toHex(seedOf(name))}\n`);
    await writeFile(homePaths(home).member, JSON.stringify(entryOf(name)));
    await joinHome(home, file);
    return home;
  };
  const peerKey = [...charter.members.values()].find(({ name }) => name === PEER)?.keys.libp2p;
  return {
    peer: await make(PEER, address, []),
    fresh: await make(FRESH, '/ip4/127.0.0.1/tcp/0', [`${address}/p2p/${peerIdOf(peerKey as MemberKey)}`]),
  };
}

/** All of it durable, and each feed's head signed by its author. */
async function fillLedger(path: string, charter: Charter, corpus: readonly Uint8Array[]): Promise<void> {
  using ledger = new Ledger(path);
  const trees = new Map<MemberKey, MerkleTree>();
  for (let at = 0; at < corpus.length; at += FILL) {
    const messages = corpus.slice(at, at + FILL).map((wire) => readStored(wire, nativeSha256));
    const leaves = messages.map(({ wire }) => leafHash(wire, nativeSha256));
    await ledger.appendRange(messages, Date.now(), leaves);
    for (const [i, { author }] of messages.entries()) {
      const tree = trees.get(author) ?? new MerkleTree(nativeSha256);
      trees.set(author, tree);
      tree.append(leaves[i] as Hash);
    }
  }
  for (const name of AUTHORS) {
    const { signer, key } = { signer: signerOf(name), key: keyOf(charter, name) };
    const tree = trees.get(key) as MerkleTree;
    ledger.keepHead(signHead(charter.id, { size: tree.size, root: tree.root() }, signer));
  }
}

function keyOf(charter: Charter, name: string): MemberKey {
  const [key] = [...charter.members].find(([, member]) => member.name === name) ?? [];
  if (key === undefined) throw new Error(`${name} is no member`);
  return key;
}

/** The fresh node stays until the peer has heard what it said of itself. */
async function fetchFrom(peer: Peer, home: string, pinned: boolean): Promise<FetchFigures> {
  const { child, exited, line } = await startProcess(['fetch', home, `${MESSAGES}`], pinned);
  const result = JSON.parse(line) as FetchFigures;
  await peer.holdsWhat(result);
  child.stdin.end();
  await exited;
  return result;
}

/** A node's process, once it has printed its first line. */
async function startProcess(
  asked: readonly [role: string, home: string, ...rest: string[]],
  pinned: boolean,
) {
  const [, home] = asked;
  const { command, args } = nodeCommand(pinned ? '0,1' : null, 'catch-up-node.ts', asked);
  // as `oversight` itself keeps what it has compiled
  const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(home), 'compiled') };
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited]);
  if (child.exitCode !== null) throw new Error('the node ended before it had said anything');
  return { child, exited, line: String(line) };
}

/** The node that holds everything. */
class Peer implements AsyncDisposable {
  readonly #url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  static async start(home: string, pinned: boolean): Promise<Peer> {
    const { child, exited, line } = await startProcess(['serve', home], pinned);
    return new Peer(line, async () => {
      child.kill('SIGKILL');
      await exited;
    });
  }

  /** Fails unless this node's record becomes that of the other. */
  async holdsWhat({ messages, recordDigest }: FetchFigures): Promise<void> {
    await until(
      async () => {
        const status = (await (await fetch(`${this.#url}/status`)).json()) as FetchFigures;
        return status.messages === messages && status.recordDigest === recordDigest;
      },
      { what: 'equal records' },
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await measureCatchUp(), null, 2)}\n`);
