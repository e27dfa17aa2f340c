import { equalBytes, utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import {
  checkpointNote,
  checkpointText,
  cosignatureLine,
  encodeEntryBundle,
  feedNoteKey,
  formatTlogProof,
  formatVkey,
  formatWitnessPolicy,
  type Head,
  leafHash,
  type MerkleTree,
  origin,
  quorumTime,
  TILE_WIDTH,
  type TileName,
  tileBytes,
  tileWidth,
  verifyCosignature,
  verifyHead,
} from '../../protocols/feed/index.ts';
import type { Ed25519 } from '../../protocols/identity/ed25519.ts';
import type { CharterDocument } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import type { FeedReader, FeedSummary } from '../gateway/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { CosignedRow, KnownCosignatures } from '../ledger/index.ts';
import { type RosterEntry, rosterOf } from './witness-roster.ts';

/** Cosignatures looked at for one answer: a few heads of as many witnesses as a charter is likely to have. */
const KNOWN_LIMIT = 256;

/** What feeds are read from. */
export interface FeedSources {
  readonly federation: FederationId;
  readonly ed25519: Ed25519;
  readonly known: Pick<KnownCosignatures, 'newest' | 'covering'>;
  feeds(): readonly { readonly author: MemberKey; readonly length: number }[];
  /** Of the chain held. */
  tree(feed: MemberKey): MerkleTree | null;
  /** Of the chain held. */
  wires(feed: MemberKey, from: number, to: number): readonly Uint8Array[];
  signedHead(feed: MemberKey): Head | null;
  /** What proves forks of the feed. */
  evidence(feed: MemberKey): readonly Uint8Array[];
  message(id: MessageId): Message | null;
  /** In force. */
  charter(): CharterDocument;
  /** The one that governs this message; null where none does. */
  governing(feed: MemberKey, sequence: number): CharterDocument | null;
}

/** A head with the cosignatures that hold, and whether they are enough for the policy. */
interface CosignedHead {
  readonly head: Head;
  readonly witnesses: readonly { readonly entry: RosterEntry; readonly cosigned: CosignedRow }[];
  readonly isWitnessed: boolean;
}

/** The feeds of a node as C2SP logs: checkpoints with cosignatures, tiles, entries, proofs. spec 12-feeds, 14-witnesses */
export class FeedLogs implements Omit<FeedReader, 'addCheckpoint'> {
  readonly #sources: FeedSources;

  constructor(sources: FeedSources) {
    this.#sources = sources;
  }

  feeds(): readonly FeedSummary[] {
    const { federation, feeds, charter, signedHead, tree } = this.#sources;
    const names = new Map(charter().members.map(({ name, keys }) => [keys.signing as string, name]));
    return feeds().map(({ author }) => ({
      feed: author,
      name: names.get(author) ?? null,
      origin: origin(federation, author),
      vkey: formatVkey(feedNoteKey(federation, author)),
      // of a forked feed what is served ends at the fork
      size: tree(author)?.size ?? 0,
      signed: signedHead(author)?.size ?? null,
    }));
  }

  checkpoint(feed: MemberKey): string | null {
    const witnessed = this.#firstWitnessed(feed, this.#sources.known.newest(feed, KNOWN_LIMIT));
    if (witnessed !== null) return this.#noteOf(witnessed);
    const newest = this.#newest(feed);
    return newest === null ? null : this.#noteOf(newest);
  }

  tile(feed: MemberKey, name: TileName): Uint8Array | null {
    const tree = this.#sources.tree(feed);
    const { level, index, width } = name;
    if (tree === null || width > tileWidth(tree.size, name)) return null;
    if (level !== 'entries') return tileBytes(tree, { level, index, width });
    const from = index * TILE_WIDTH;
    return encodeEntryBundle(this.#sources.wires(feed, from, from + width));
  }

  evidence(feed: MemberKey): readonly Uint8Array[] {
    return this.#sources.evidence(feed);
  }

  proof(id: MessageId): string | null {
    const message = this.#sources.message(id);
    const tree = message === null ? null : this.#sources.tree(message.author);
    if (message === null || tree === null || !holds(tree, message)) return null;
    const { author, sequence, wire } = message;
    const covering = this.#sources.known.covering(author, sequence, KNOWN_LIMIT);
    const shown = this.#firstWitnessed(author, covering) ?? this.#newest(author);
    if (shown === null || shown.head.size <= sequence) return null;
    const path = tree.inclusionProof(sequence, shown.head.size);
    return formatTlogProof({ index: sequence, path, extra: wire }, this.#noteOf(shown));
  }

  witnessPolicy(of: MessageId | null): string | null {
    const { federation, feeds, charter, governing } = this.#sources;
    const message = of === null ? null : this.#sources.message(of);
    if (of !== null && message === null) return null;
    const document = (message && governing(message.author, message.sequence)) ?? charter();
    return formatWitnessPolicy({
      logs: feeds().map(({ author }) => ({ vkey: formatVkey(feedNoteKey(federation, author)), url: null })),
      witnesses: rosterOf(federation, document).map(({ name, noteKey, url }) => ({
        name,
        vkey: formatVkey(noteKey),
        url,
      })),
      groups: document.policy.witness.groups,
      quorum: document.policy.witness.quorum,
    });
  }

  /** The first head in the order given whose cosignatures are enough. */
  #firstWitnessed(feed: MemberKey, rows: readonly CosignedRow[]): CosignedHead | null {
    for (const group of byHead(rows)) {
      const read = this.#read(feed, group);
      if (read?.isWitnessed) return read;
    }
    return null;
  }

  /** The newest head that the author has signed, with what is known of its cosignatures. */
  #newest(feed: MemberKey): CosignedHead | null {
    const head = this.#sources.signedHead(feed);
    const rows = this.#sources.known.newest(feed, KNOWN_LIMIT);
    const largest = byHead(rows).flatMap((group) => this.#read(feed, group) ?? [])[0] ?? null;
    if (head === null || (largest !== null && largest.head.size >= head.size)) return largest;
    return { head, witnesses: [], isWitnessed: false };
  }

  /** What of one head's rows holds: the head is that of the chain, its signature and the cosignatures verify. */
  #read(feed: MemberKey, rows: readonly CosignedRow[]): CosignedHead | null {
    const { federation, ed25519, charter, governing } = this.#sources;
    const tree = this.#sources.tree(feed);
    const [{ size, root } = missing()] = rows;
    if (tree === null || size > tree.size || !equalBytes(tree.root(size), root)) return null;
    const newest = this.#sources.signedHead(feed);
    // what a witness says of its own cosignature has not been looked at: any row that has the author's signature will do
    const head = [...(newest?.size === size ? [newest.signature] : []), ...rows.map((row) => row.head)]
      .map((signature) => ({ author: feed, size, root, signature }))
      .find((each) => verifyHead(each, federation, ed25519));
    if (head === undefined) return null;
    const document = governing(feed, size - 1) ?? charter();
    const text = utf8(checkpointText(federation, head));
    const witnesses = rosterOf(federation, document).flatMap((entry) => {
      const cosigned = rows.find(({ witness }) => witness === entry.key && witness !== feed);
      if (cosigned === undefined) return [];
      return verifyCosignature(text, cosigned, entry.noteKey.publicKey, ed25519) ? [{ entry, cosigned }] : [];
    });
    const times = new Map(witnesses.map(({ entry, cosigned }) => [entry.name, cosigned.time]));
    const isWitnessed = quorumTime(document.policy.witness, (name) => times.get(name) ?? null) !== null;
    return { head, witnesses, isWitnessed };
  }

  #noteOf({ head, witnesses }: CosignedHead): string {
    const lines = witnesses.map(({ entry, cosigned }) => cosignatureLine(entry.noteKey, cosigned));
    return checkpointNote(head, this.#sources.federation, lines);
  }
}

/** Rows of one size and root together, in the order in which they come. */
function byHead(rows: readonly CosignedRow[]): CosignedRow[][] {
  const groups: CosignedRow[][] = [];
  for (const row of rows) {
    const group = groups.find(([first]) => first?.size === row.size && equalBytes(first.root, row.root));
    if (group === undefined) groups.push([row]);
    else group.push(row);
  }
  return groups;
}

/** Whether the chain has this very message at its place; false for the other branch of a fork. */
function holds(tree: MerkleTree, { sequence, wire }: Message): boolean {
  return sequence < tree.size && equalBytes(tree.leaf(sequence), leafHash(wire, nativeSha256));
}

function missing(): never {
  throw new TypeError('a group of cosignatures has one at least');
}
