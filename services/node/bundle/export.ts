import { type FileHandle, open, rm } from 'node:fs/promises';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { SYNC_EVIDENCE_LIMIT } from '../../../protocols/base/limits.ts';
import {
  type Block,
  blockOf,
  encodeCarBlock,
  encodeCarHeader,
  LIST_LINKS,
  manifestBlock,
  type Part,
  partBlock,
} from '../../../protocols/bundle/index.ts';
import type { Charter } from '../../../protocols/charter/index.ts';
import { type CID, documentCid } from '../../../protocols/codec/cid.ts';
import { type Hash, leafHash, MerkleTree } from '../../../protocols/feed/index.ts';
import { nativeSha256 } from '../../keys/index.ts';
import type { FeedState, Ledger } from '../../ledger/index.ts';

export interface ExportChoices {
  /** Feeds to take; null for all. */
  readonly authors: ReadonlySet<MemberKey> | null;
  /** Messages of each feed from this sequence on. */
  readonly from: number;
}

export interface Exported {
  /** CID of the manifest: the name of the bundle. */
  readonly root: string;
  readonly feeds: number;
  readonly messages: number;
}

/** A part as it will be written, with the lists of its messages. */
interface PlannedPart {
  readonly part: Part;
  readonly block: Block;
  readonly lists: readonly Block[];
}

/**
 * Writes what a ledger holds, or parts of it, as one file. The ledger is read twice, the first time for the names that
 * stand before what they name; one list of messages is held at a time. spec 13-bundle
 */
export async function exportBundle(
  ledger: Ledger,
  genesis: Charter,
  path: string,
  choices: ExportChoices,
  { signal }: { readonly signal: AbortSignal },
): Promise<Exported> {
  const feeds = ledger
    .heads()
    .filter(({ author }) => choices.authors === null || choices.authors.has(author))
    .sort((a, b) => (a.author < b.author ? -1 : 1));
  const parts: PlannedPart[] = [];
  for (const feed of feeds) {
    signal.throwIfAborted();
    parts.push(planPart(ledger, feed, Math.min(choices.from, feed.length)));
  }
  const founding = blockOf(genesis.document, nativeSha256);
  const manifest = manifestBlock(
    { federation: founding.cid, parts: parts.map(({ block }) => block.cid) },
    nativeSha256,
  );
  await writeWhole(path, async (file) => {
    const write = (block: Block) => file.write(encodeCarBlock(block));
    await file.write(encodeCarHeader(manifest.cid));
    await write(manifest);
    await write(founding);
    for (const { part, block, lists } of parts) {
      await write(block);
      for (const [i, list] of lists.entries()) {
        signal.throwIfAborted();
        await write(list);
        const wires = pageOf(ledger, part, part.from + i * LIST_LINKS);
        await file.write(Buffer.concat(wires.map((wire) => encodeCarBlock(wireBlock(wire)))));
      }
      for (const wire of evidenceOf(ledger, part.author)) await write(wireBlock(wire));
    }
  });
  return {
    root: manifest.cid.toString(),
    feeds: parts.length,
    messages: parts.reduce((sum, { part }) => sum + part.to - part.from, 0),
  };
}

/** Durable when it resolves; nothing is left of a file that could not be finished. */
async function writeWhole(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (!hasErrno(error, 'EEXIST')) throw error;
    throw new OversightError('argument-invalid', `${path} exists; a bundle is never overwritten`, {
      cause: error,
    });
  });
  try {
    await work(file);
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    if (!hasErrno(error, 'ENOSPC')) throw error;
    throw new OversightError('disk-full', `no room for ${path}`, { cause: error });
  }
}

function planPart(ledger: Ledger, feed: FeedState, from: number): PlannedPart {
  const { author, length: to } = feed;
  const tree = new MerkleTree(nativeSha256);
  const lists: Block[] = [];
  let peaks: readonly Hash[] | null = from === 0 ? [] : null;
  for (let at = 0; at < to; ) {
    const end = at < from ? Math.min(from, at + LIST_LINKS) : Math.min(to, at + LIST_LINKS);
    const wires = ledger.range(author, at, end);
    for (const wire of wires) tree.append(leafHash(wire, nativeSha256));
    if (at >= from)
      lists.push(
        blockOf(
          wires.map((wire) => documentCid(wire, nativeSha256)),
          nativeSha256,
        ),
      );
    at = end;
    if (at === from) peaks = [...tree.frontier().peaks];
  }
  // a head over more than is held cannot be shown to cover it, and one below the part says nothing of it
  const head = feed.signed !== null && feed.signed.size <= to && feed.signed.size > from ? feed.signed : null;
  const evidence = evidenceOf(ledger, author).map((wire) => documentCid(wire, nativeSha256));
  const part = {
    author,
    from,
    to,
    peaks: peaks ?? [...tree.frontier().peaks],
    head,
    proof: [],
    messages: lists.map(({ cid }) => cid),
    evidence,
  };
  return { part, block: partBlock(part, nativeSha256), lists };
}

function pageOf(ledger: Ledger, { author, to }: Part, from: number): readonly Uint8Array[] {
  return ledger.range(author, from, Math.min(to, from + LIST_LINKS));
}

/** What proves forks, without what is in the chain already. */
function evidenceOf(ledger: Ledger, author: MemberKey): readonly Uint8Array[] {
  return ledger.evidence(author, SYNC_EVIDENCE_LIMIT).filter((_, i) => i % 2 === 1);
}

function wireBlock(wire: Uint8Array): { readonly cid: CID; readonly bytes: Uint8Array } {
  return { cid: documentCid(wire, nativeSha256), bytes: wire };
}
