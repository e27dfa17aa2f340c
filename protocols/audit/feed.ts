import { equalBytes } from '../base/bytes.ts';
import type { MemberKey, MessageId } from '../base/ids.ts';
import {
  decodeEntryBundle,
  HASH_BYTES,
  type Hash,
  type Head,
  leafHash,
  MerkleTree,
  TILE_WIDTH,
  type TileName,
  tileBytes,
  tileWidth,
} from '../feed/index.ts';
import { type CosignatureEntry, isKind } from '../kinds/index.ts';
import { type Message, open, openVouched } from '../message/index.ts';
import type { AuditCase } from './case.ts';
import type { Answer } from './source.ts';

/** Entries held back until the head tells whether their bundle or their tile is false. A bundle of them. */
const SUSPECTS_LIMIT = 256;

/** A cosignature that a message tells of. */
export interface Told {
  readonly entry: CosignatureEntry;
  readonly carrier: MemberKey;
  readonly message: MessageId;
}

/** One feed as the source gives it, read once from front to end. */
export class FeedAudit {
  readonly key: MemberKey;
  /** Messages that the source says it has. */
  readonly claimed: number;
  /** Over the entries as they came. */
  readonly tree: MerkleTree;
  readonly ids: MessageId[] = [];
  /** Whether every entry came and could be read. */
  isComplete = true;
  /** Signed by the author; null where there is none that holds. */
  head: Head | null = null;
  readonly #case: AuditCase;
  readonly #onCosignature: (told: Told) => void;
  /** Over the leaves that the tiles tell; null where no tiles are served. */
  #tiled: MerkleTree | null;
  readonly #suspects: { readonly sequence: number; readonly entry: Uint8Array; readonly leaf: Hash }[] = [];
  #differing = 0;

  constructor(audit: AuditCase, key: MemberKey, claimed: number, onCosignature: (told: Told) => void) {
    const { sha256 } = audit.opening;
    this.key = key;
    this.claimed = claimed;
    this.tree = new MerkleTree(sha256);
    this.#tiled = new MerkleTree(sha256);
    this.#case = audit;
    this.#onCosignature = onCosignature;
  }

  /** Reads every entry and every tile, and opens every message. spec 16-audit §2.2 to §2.4 */
  async read(): Promise<void> {
    const bundles = Math.ceil(this.claimed / TILE_WIDTH);
    if (bundles === 0) return;
    let next = this.#ask(0);
    for (let index = 0; index < bundles; index++) {
      const asked = await next;
      // the next one travels while this one is judged
      if (index + 1 < bundles) next = this.#ask(index + 1);
      if (!this.#takeBundle(index, ...asked)) {
        await next;
        break;
      }
      this.#case.onProgress(this.#case.messages);
    }
    this.#settleSuspects();
    if (this.#tiled !== null && this.#differing === 0) await this.#readUpperTiles();
  }

  /** The bundle, and the tile over it. */
  #ask(index: number) {
    const { source } = this.#case;
    const width = tileWidth(this.claimed, { level: 'entries', index });
    const asked = Promise.all([
      source.tile(this.key, { level: 'entries', index, width }),
      source.tile(this.key, { level: 0, index, width }),
    ]);
    // a failure is thrown where the answer is awaited, and of no concern where reading has ended before
    asked.catch(() => {});
    return asked;
  }

  /** @returns false where nothing more of the feed can be read */
  #takeBundle(index: number, bundle: Answer<Uint8Array>, tile: Answer<Uint8Array>): boolean {
    const entries = this.#entriesOf(index, bundle);
    if (entries === null) {
      this.isComplete = false;
      return false;
    }
    const from = index * TILE_WIDTH;
    const told = this.#leavesTold(index, tile, entries.length);
    entries.forEach((entry, i) => {
      const leaf = leafHash(entry, this.#case.opening.sha256);
      this.tree.append(leaf);
      const served = told?.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) ?? leaf;
      this.#tiled?.append(served);
      if (equalBytes(served, leaf)) this.#takeEntry(entry, from + i, leaf);
      else this.#suspect(entry, from + i, leaf);
    });
    return true;
  }

  /** Null where the bundle cannot be read, or is more than is taken in: told here. */
  #entriesOf(index: number, bundle: Answer<Uint8Array>): readonly Uint8Array[] | null {
    const { findings } = this.#case;
    const from = index * TILE_WIDTH;
    const place = { feed: this.key, sequence: from };
    const name = this.#case.nameOf(this.key);
    if (!bundle.ok) {
      this.#case.fault('signatures', bundle.reason, `Messages from number ${from} on of ${name}`, place);
      return null;
    }
    const entries = decodeEntryBundle(bundle.value, tileWidth(this.claimed, { level: 'entries', index }));
    if (!entries.ok) {
      const detail = `An entry bundle of ${name} does not parse: ${entries.detail}.`;
      findings.add('tiles', 'bundle-wrong', detail, place);
      return null;
    }
    if (this.#case.take(entries.value.length, bundle.value.length)) return entries.value;
    const detail = `The source has more than this audit takes in; it stopped at message ${from} of ${name}.`;
    findings.add('signatures', 'bound-reached', detail, place);
    return null;
  }

  /** The leaf hashes that the tile gives; null where there is none to compare with. */
  #leavesTold(index: number, tile: Answer<Uint8Array>, width: number): Uint8Array | null {
    if (this.#tiled === null) return null;
    const { findings } = this.#case;
    const name = this.#case.nameOf(this.key);
    if (tile.ok && tile.value.length === width * HASH_BYTES) {
      // the tile and its bundle; where they differ, what is found of them is what is told
      findings.holds('tiles', 2);
      return tile.value;
    }
    this.#tiled = null;
    const place = { feed: this.key, sequence: index * TILE_WIDTH };
    const detail = `A tile of ${name} has not as many hashes as it should.`;
    if (tile.ok) findings.add('tiles', 'tile-wrong', detail, place);
    else this.#case.fault('tiles', tile.reason, `Tile ${index} of level 0 of ${name}`, place);
    return null;
  }

  #suspect(entry: Uint8Array, sequence: number, leaf: Hash): void {
    this.#differing += 1;
    if (this.#suspects.length < SUSPECTS_LIMIT) this.#suspects.push({ sequence, entry: entry.slice(), leaf });
    else this.isComplete = false;
  }

  /** Where bundle and tile differ, the signed head tells which of them is false. spec 16-audit §2.4 */
  #settleSuspects(): void {
    const [first] = this.#suspects;
    if (first === undefined) return;
    const { findings } = this.#case;
    const name = this.#case.nameOf(this.key);
    const isOfHead = (tree: MerkleTree | null) =>
      this.head !== null &&
      tree !== null &&
      this.head.size <= tree.size &&
      equalBytes(tree.root(this.head.size), this.head.root);
    const bundleLies = isOfHead(this.#tiled) && !isOfHead(this.tree);
    const code = bundleLies ? 'bundle-wrong' : 'tile-wrong';
    const what = bundleLies
      ? `The entry bundles of ${name} hold other bytes than its signed tree has, ${timesOf(this.#differing)}, first at message ${first.sequence}.`
      : `The tiles of ${name} hold other hashes than its messages have, ${timesOf(this.#differing)}, first at message ${first.sequence}.`;
    findings.add('tiles', code, what, { feed: this.key, sequence: first.sequence });
    if (bundleLies) this.isComplete = false;
    else for (const { entry, sequence, leaf } of this.#suspects) this.#takeEntry(entry, sequence, leaf);
  }

  /** Whether what came cannot be judged by its root: a bundle of it is known to be false. */
  get hasFalseBundle(): boolean {
    return this.#differing > 0 && !this.isComplete;
  }

  #takeEntry(entry: Uint8Array, sequence: number, leaf: Hash): void {
    const { findings, opening, fold } = this.#case;
    const place = { feed: this.key, sequence };
    const name = this.#case.nameOf(this.key);
    const opened = open(entry, opening);
    if (!opened.ok && opened.reason !== 'signature-invalid') {
      this.isComplete = false;
      const detail = `Message ${sequence} of ${name} is no message: ${opened.reason}.`;
      findings.add('signatures', 'message-invalid', detail, place);
      return;
    }
    if (!opened.ok) {
      const detail = `The signature of message ${sequence} of ${name} does not verify.`;
      findings.add('signatures', 'signature-invalid', detail, place);
    }
    // what else it says is judged as the nodes that hold it judge it
    const read = opened.ok ? opened : openVouched(entry, opening);
    if (!read.ok || !this.#belongs(read.value, sequence)) {
      this.isComplete = false;
      return;
    }
    if (opened.ok) findings.holds('signatures');
    const message = read.value;
    this.ids[sequence] = message.id;
    fold.add(message, leaf);
    if (isKind(message, 'cosignatures/1'))
      for (const each of message.body.entries)
        this.#onCosignature({ entry: each, carrier: this.key, message: message.id });
  }

  #belongs(message: Message, sequence: number): boolean {
    if (message.author === this.key && message.sequence === sequence) return true;
    const detail = `The entry ${sequence} of ${this.#case.nameOf(this.key)} is a message of another feed or place.`;
    this.#case.findings.add('signatures', 'message-misplaced', detail, {
      feed: this.key,
      sequence,
      id: message.id,
    });
    return false;
  }

  /** spec 16-audit §2.4: every level that the tree has. */
  async #readUpperTiles(): Promise<void> {
    const { size } = this.tree;
    for (let level = 1; tileWidth(size, { level, index: 0 }) > 0; level++) {
      for (let index = 0; tileWidth(size, { level, index }) > 0; index++) {
        const tile = { level, index, width: tileWidth(size, { level, index }) };
        await this.#checkTile(tile);
      }
    }
  }

  async #checkTile(tile: TileName & { readonly level: number }): Promise<void> {
    const { findings, source } = this.#case;
    const served = await source.tile(this.key, tile);
    const what = `Tile ${tile.index} of level ${tile.level} of ${this.#case.nameOf(this.key)}`;
    if (!served.ok) this.#case.fault('tiles', served.reason, what, { feed: this.key });
    else if (equalBytes(served.value, tileBytes(this.tree, tile) ?? new Uint8Array()))
      findings.holds('tiles');
    else
      findings.add('tiles', 'tile-wrong', `${what} holds other hashes than the tree of its messages.`, {
        feed: this.key,
      });
  }
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
