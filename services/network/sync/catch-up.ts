import { equalBytes } from '../../../protocols/base/bytes.ts';
import { type Hash, type Head, verifyConsistency } from '../../../protocols/feed/index.ts';
import { throwIfStopped } from '../deadline.ts';
import type { AskedPeer } from './ask.ts';
import type { Ingestion } from './ingestion.ts';
import { beginAnew, type CatchUpPort, type Lane, lengthOf, wantedOf } from './lane.ts';
import type { Chunk } from './source.ts';

/** Chunks asked for and not taken yet: one is stored, one waits or is read in another thread, two are on their way. */
const AHEAD = 4;
/** Of them, how many are asked of the peer at once. */
const ASKED_AT_ONCE = 2;

/** Messages of one feed, asked for. */
interface Coming {
  readonly lane: Lane;
  readonly from: number;
  readonly came: Promise<Came>;
}

interface Came {
  readonly wires: readonly Uint8Array[];
  /** Null where no signed head vouches for all of them. */
  readonly vouched: Vouched | null;
}

/** What a signed head vouches for, if the chain with it leads there. */
interface Vouched {
  readonly signed: Head;
  /** Null when it is not what it should be. */
  readonly chunk: Promise<Chunk | null>;
  /** That the chain, at the end of the chunk, is the beginning of that of the head. */
  readonly proof: Promise<Hash[]>;
}

/**
 * Fetches what the lanes lack, a chunk of each in turn, so that a long feed does not keep the others waiting. Chunks are
 * asked for, read in another thread and proven by the peer while those before them are stored. spec 11-network §4.9
 */
export async function catchUp(
  port: CatchUpPort,
  asked: AskedPeer,
  ingestion: Ingestion,
  lanes: readonly Lane[],
  signal: AbortSignal,
): Promise<void> {
  const turn = [...lanes];
  const coming: Coming[] = [];
  let isOver = false;
  const next = (): Lane | null => {
    if (isOver || coming.length >= AHEAD) return null;
    if (turn.filter(({ flow }) => flow === 'asking').length >= ASKED_AT_ONCE) return null;
    return turn.find((lane) => wantedOf(port, lane) > 0) ?? null;
  };
  const askAhead = (): void => {
    for (let lane = next(); lane !== null; lane = next()) {
      turn.push(...turn.splice(turn.indexOf(lane), 1));
      const came = fetchChunk(port, asked, lane);
      coming.push({ lane, from: lane.at, came });
      // told where it is awaited
      came.then(askAhead, () => {});
    }
  };
  try {
    askAhead();
    for (let first = coming[0]; first !== undefined; first = coming[0]) {
      const { lane, from, came } = first;
      const { wires, vouched } = await came;
      throwIfStopped(signal);
      if (wires.length === 0) lane.over = true;
      // where what should have come before it was not taken, it does not fit
      if (!lane.over && from <= lengthOf(port, lane.head.author))
        await takeChunk(port, asked, ingestion, lane, from, { wires, vouched }, signal);
      throwIfStopped(signal);
      coming.shift();
      if (!coming.some((other) => other.lane === lane)) beginAnew(port, lane);
      askAhead();
    }
  } finally {
    isOver = true;
  }
}

async function fetchChunk(port: CatchUpPort, asked: AskedPeer, lane: Lane): Promise<Came> {
  const { at: from, bulk } = lane;
  const { author, signed } = lane.head;
  const to = from + wantedOf(port, lane);
  lane.flow = 'asking';
  const wires = await asked.range(author, from, to);
  lane.flow = wires.length === 0 ? 'dry' : 'idle';
  const end = from + wires.length;
  lane.at = end;
  if (!bulk || signed === null || end === from || end > signed.size) return { wires, vouched: null };
  const chunk = port.intake.read(author, from, wires);
  const proof = proofOf(asked, signed, end);
  // told where they are awaited
  chunk.catch(() => {});
  proof.catch(() => {});
  return { wires, vouched: { signed, chunk, proof } };
}

async function takeChunk(
  port: CatchUpPort,
  asked: AskedPeer,
  ingestion: Ingestion,
  lane: Lane,
  from: number,
  { wires, vouched }: Came,
  signal: AbortSignal,
): Promise<void> {
  const { author } = lane.head;
  const length = lengthOf(port, author);
  // gossip may have brought some of them meanwhile
  const missing = wires.slice(length - from);
  if (missing.length === 0) return;
  if (lane.bulk && vouched !== null) {
    const outcome = await takeVouched(port, asked, from, vouched);
    if (outcome === 'taken') {
      lane.taken += missing.length;
      return;
    }
    lane.bulk = false;
    lane.diverged = outcome === 'diverged';
    lane.over = lane.diverged;
    if (lane.over) return;
  }
  lane.joined ||= length > 0;
  await ingestion.take(missing, signal);
  lane.over = lengthOf(port, author) <= length;
}

/**
 * Takes messages at the end of our chain without looking at their signatures, if with them the chain leads to the signed
 * head. `diverged`: our chain without them does not. `unfit`: they do not, so each must speak for itself.
 */
async function takeVouched(
  { source, intake }: CatchUpPort,
  asked: AskedPeer,
  first: number,
  { signed, ...vouched }: Vouched,
): Promise<'taken' | 'diverged' | 'unfit'> {
  const [chunk, proof] = await Promise.all([vouched.chunk, vouched.proof]);
  if (chunk === null) return 'unfit';
  const tree = source.tree(signed.author);
  const from = tree.size;
  // a fork found meanwhile has cut the tree
  if (from < first) return 'unfit';
  const missing = { messages: chunk.messages.slice(from - first), leaves: chunk.leaves.slice(from - first) };
  if (leadsTo(signed, from + missing.leaves.length, tree.rootWith(missing.leaves), proof)) {
    await intake.append(missing);
    return 'taken';
  }
  if (from === 0) return 'unfit';
  const before = tree.root();
  return leadsTo(signed, from, before, await proofOf(asked, signed, from)) ? 'unfit' : 'diverged';
}

/** By the peer, that the chain of the head begins with that of this size. */
async function proofOf(asked: AskedPeer, { author, size }: Head, from: number): Promise<Hash[]> {
  return from === size ? [] : asked.consistency(author, from, size);
}

/** Whether the tree of this size and root is the beginning of the one that the head tells. */
function leadsTo(head: Head, size: number, root: Uint8Array, proof: readonly Hash[]): boolean {
  if (size === head.size) return equalBytes(root, head.root);
  return verifyConsistency({ from: size, fromRoot: root, to: head.size, toRoot: head.root, proof });
}
