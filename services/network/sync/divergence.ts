import { equalBytes } from '../../../protocols/base/bytes.ts';
import type { MerkleTree } from '../../../protocols/feed/index.ts';
import type { AskedPeer } from './ask.ts';
import type { Ingestion } from './ingestion.ts';
import type { CatchUpPort, Lane } from './lane.ts';
import type { FeedHead } from './source.ts';

/**
 * Looks at one feed once its messages have been fetched: keeps the author's signed head, and where our chain and the
 * peer's are two, fetches the message at which they part, which is the proof. spec 11-network §4.10
 */
export async function compareFeeds(
  port: CatchUpPort,
  asked: AskedPeer,
  ingestion: Ingestion,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> {
  const { head } = lane;
  const own = port.source.headOf(head.author);
  if (own === null || own.length === 0) return;
  if (head.fork !== null && (own.fork === null || head.fork < own.fork))
    await ingestion.take(await asked.evidence(head.author), signal);
  const contradicts = compareHeads(port, head);
  const unknown = head.head !== null && head.length <= own.length && !port.source.has(head.head);
  // gossip, too, may have put the peer's messages after our own
  const isJoined = lane.joined || !port.source.isLinked(head.author);
  if (!lane.diverged && !isJoined && !contradicts && !unknown) return;
  const tree = port.source.tree(head.author);
  const fork = port.source.headOf(head.author)?.fork ?? Number.POSITIVE_INFINITY;
  const at = await partingOf(asked, tree, head, Math.min(tree.size, head.length, fork));
  if (at !== null) await ingestion.take(await asked.range(head.author, at, at + 1), signal);
}

/** Keeps a newer head. @returns whether the author has signed one that our chain does not lead to */
function compareHeads({ source, intake }: CatchUpPort, { author, signed }: FeedHead): boolean {
  const own = source.headOf(author);
  const tree = source.tree(author);
  // of a feed that forks the tree ends there
  if (signed === null || own === null || signed.size > tree.size) return false;
  const agrees = equalBytes(tree.root(signed.size), signed.root);
  if (agrees && own.signed !== null && signed.size <= own.signed.size) return false;
  if (!intake.verifies(signed)) return false;
  if (agrees) intake.keepHead(signed);
  else if (own.signed?.size === signed.size) intake.forked(own.signed, signed);
  return !agrees;
}

/**
 * The sequence at which the peer's chain leaves ours, by halving: roots differ from there on, also where only signatures do.
 * Null when they do not part below `limit`. The roots are the peer's word; what is fetched for them proves itself.
 */
async function partingOf(
  asked: AskedPeer,
  tree: MerkleTree,
  { author }: FeedHead,
  limit: number,
): Promise<number | null> {
  const agreesAt = async (size: number): Promise<boolean> => {
    const theirs = await asked.root(author, size);
    return theirs === null || equalBytes(theirs, tree.root(size));
  };
  if (limit === 0 || (await agreesAt(limit))) return null;
  let same = 0;
  let parted = limit;
  while (parted - same > 1) {
    const middle = same + Math.floor((parted - same) / 2);
    if (await agreesAt(middle)) same = middle;
    else parted = middle;
  }
  return parted - 1;
}
