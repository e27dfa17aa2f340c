import { createHash } from 'node:crypto';
import { z } from 'zod';
import { concatBytes } from '../../protocols/base/bytes.ts';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { documentCid } from '../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../protocols/codec/codec.ts';
import { encodeEntryBundle, leafHash, MerkleTree } from '../../protocols/feed/index.ts';
import type {
  FeedHead,
  Inbox,
  Outgoing,
  PeerRef,
  SyncIntake,
  SyncSource,
} from '../../services/network/index.ts';
import { memberOf } from './media.ts';
import { until } from './until.ts';

const Wire = z.strictObject({ author: z.string(), sequence: z.number().int().min(0), text: z.string() });

/** An unsigned message: who, where in the feed, what. Enough for a network that does not read messages. */
export function feedMessage(author: string, sequence: number, text = `${author} ${sequence}`): Outgoing {
  const wire = encode({ author: memberOf(author), sequence, text });
  return { id: documentCid(wire).toString(), kind: 'finding/1', author: memberOf(author), wire };
}

/** A ledger in memory: takes well-formed messages, keeps feeds without gaps, counts what was handed to it. */
export class TestLedger implements Inbox, SyncSource, SyncIntake {
  readonly handed = new Map<string, number>();
  readonly from: PeerRef[] = [];
  readonly #messages = new Map<string, Outgoing & { readonly sequence: number }>();

  async accept(wire: Uint8Array, from: PeerRef): ReturnType<Inbox['accept']> {
    const name = createHash('sha256').update(wire).digest('hex');
    this.handed.set(name, (this.handed.get(name) ?? 0) + 1);
    this.from.push(from);
    const decoded = decodeCanonical(wire);
    const parsed = decoded.ok ? Wire.safeParse(decoded.value) : null;
    if (!parsed?.success) return { decision: 'reject', fresh: false, outgoing: null };
    const id = documentCid(wire).toString();
    if (this.#messages.has(id)) return { decision: 'accept', fresh: false, outgoing: null };
    const message = {
      id,
      kind: 'finding/1',
      author: parsed.data.author,
      wire,
      sequence: parsed.data.sequence,
    };
    this.#messages.set(id, message);
    return { decision: 'accept', fresh: true, outgoing: message };
  }

  /** As our own message: stored before it is published. */
  store(message: Outgoing): Outgoing {
    const parsed = decodeCanonical(message.wire);
    if (!parsed.ok) throw new Error('not a test message');
    this.#messages.set(message.id, { ...message, sequence: Wire.parse(parsed.value).sequence });
    return message;
  }

  get size(): number {
    return this.#messages.size;
  }

  has(id: string): boolean {
    return this.#messages.has(id);
  }

  #feed(author: string) {
    return [...this.#messages.values()]
      .filter((message) => message.author === author)
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** The first that came at each sequence, without a gap. */
  #chain(author: string) {
    const feed = this.#feed(author);
    const chain: typeof feed = [];
    for (const message of feed) if (message.sequence === chain.length) chain.push(message);
    return chain;
  }

  lengthOf(author: string): number {
    const held = new Set(this.#feed(author).map((message) => message.sequence));
    let length = 0;
    while (held.has(length)) length += 1;
    return length;
  }

  isLinked(): boolean {
    return true;
  }

  heads(): FeedHead[] {
    const authors = new Set([...this.#messages.values()].map((message) => message.author as MemberKey));
    return [...authors].flatMap((author) => this.headOf(author) ?? []);
  }

  headOf(author: MemberKey): FeedHead | null {
    const chain = this.#chain(author);
    const head = chain.at(-1)?.id ?? null;
    const forks = this.#feed(author).filter((message) => chain[message.sequence]?.id !== message.id);
    const fork = forks[0]?.sequence ?? null;
    return chain.length === 0 ? null : { author, length: chain.length, head, fork, signed: null };
  }

  bundle(author: MemberKey, from: number, to: number): Uint8Array {
    const wires = this.#chain(author)
      .slice(from, to)
      .map(({ wire }) => wire);
    return concatBytes(...wires.map((wire) => encodeEntryBundle([wire])));
  }

  evidence(author: MemberKey): Uint8Array[] {
    const fork = this.headOf(author)?.fork;
    return this.#feed(author)
      .filter(({ sequence }) => sequence === fork)
      .map(({ wire }) => wire);
  }

  tree(author: MemberKey): MerkleTree {
    const tree = new MerkleTree();
    for (const { wire } of this.#chain(author)) tree.append(leafHash(wire));
    return tree;
  }

  /** Its messages are unsigned, and so are its heads: everything goes through `accept`. */
  admits(): boolean {
    return true;
  }

  allowance(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  verifies(): boolean {
    return false;
  }

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  append(): never {
    throw new Error('nothing is vouched for');
  }

  keepHead(): void {}

  forked(): void {}

  async holds(...messages: readonly Outgoing[]): Promise<void> {
    await until(() => messages.every((message) => this.has(message.id)), {
      what: `${messages.length} messages, has ${this.size}`,
    });
  }
}
