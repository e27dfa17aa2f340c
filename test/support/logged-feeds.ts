import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { utf8 } from '../../protocols/base/bytes.ts';
import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import {
  checkpointNote,
  formatWitnessRequest,
  type Head,
  leafHash,
  MerkleTree,
  signHead,
  type WitnessAnswer,
} from '../../protocols/feed/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import type { CharterDocument } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import type { FeedReader } from '../../services/gateway/index.ts';
import { KnownCosignatures, WitnessFile } from '../../services/ledger/index.ts';
import { FeedLogs } from '../../services/node/feed-logs.ts';
import { Witness } from '../../services/witness/index.ts';
import { Author, charterOf, signerOf } from './federation.ts';

interface HeldFeed {
  readonly author: Author;
  readonly messages: Message[];
  readonly tree: MerkleTree;
  signed: Head | null;
}

/** Feeds of real messages and what witnesses have cosigned of them, without a node around. */
export class LoggedFeeds {
  readonly logs: FeedReader;
  readonly federation;
  readonly #feeds = new Map<MemberKey, HeldFeed>();
  readonly #witnesses = new Map<string, { readonly witness: Witness; readonly file: WitnessFile }>();
  readonly #known: KnownCosignatures;
  readonly #folder: string;
  #rows = 0;

  /** @param folder for the witnesses' files @param self the member whose node this is, a witness */
  constructor(folder: string, document: CharterDocument, self: string) {
    this.#folder = folder;
    this.federation = charterOf(document).id;
    this.#known = new KnownCosignatures(join(folder, 'known.sqlite'));
    onTestFinished(() => this.#known[Symbol.dispose]());
    const held = (key: MemberKey) => this.#feeds.get(key);
    const logs = new FeedLogs({
      federation: this.federation,
      ed25519: signerOf(self).ed25519,
      known: this.#known,
      feeds: () => [...this.#feeds].map(([author, { tree }]) => ({ author, length: tree.size })),
      tree: (key) => held(key)?.tree ?? null,
      wires: (key, from, to) =>
        held(key)
          ?.messages.slice(from, to)
          .map(({ wire }) => wire) ?? [],
      signedHead: (key) => held(key)?.signed ?? null,
      evidence: () => [],
      message: (id) => this.#messageOf(id),
      charter: () => document,
      governing: () => document,
    });
    this.logs = {
      feeds: () => logs.feeds(),
      checkpoint: (feed) => logs.checkpoint(feed),
      tile: (feed, name) => logs.tile(feed, name),
      evidence: (feed) => logs.evidence(feed),
      proof: (id) => logs.proof(id),
      witnessPolicy: (message) => logs.witnessPolicy(message),
      addCheckpoint: (body) => this.#witnessOf(self).witness.addCheckpoint(body),
    };
  }

  keyOf(name: string): MemberKey {
    return memberKey(signerOf(name).publicKey);
  }

  /** Messages of a kind that nobody knows. */
  say(name: string, count = 1): Message[] {
    const feed = this.#feedOf(name);
    for (let i = 0; i < count; i++) {
      const message = feed.author.say('note/1', { text: `${feed.messages.length}` });
      feed.messages.push(message);
      feed.tree.append(leafHash(message.wire));
    }
    return feed.messages.slice(-count);
  }

  /** The author signs the head of its feed. */
  sign(name: string): Head {
    const feed = this.#feedOf(name);
    const { size } = feed.tree;
    feed.signed = signHead(this.federation, { size, root: feed.tree.root() }, signerOf(name));
    return feed.signed;
  }

  /** A witness cosigns the head of this feed and everyone knows it. */
  witness(name: string, witness: string): WitnessAnswer {
    const { witness: asked, file } = this.#witnessOf(witness);
    const answer = asked.addCheckpoint(this.request(name, file.last(this.keyOf(name))?.size ?? 0));
    const batch = file.first(99);
    this.#rows += 1;
    this.#known.append(
      batch.map(({ cosigned }) => cosigned),
      this.#rows,
    );
    file.drop(batch.at(-1)?.number ?? 0);
    return answer;
  }

  /** What the author sends to a witness that has cosigned `old`. */
  request(name: string, old: number): Uint8Array {
    const { tree } = this.#feedOf(name);
    const proof = tree.consistencyProof(old);
    return utf8(formatWitnessRequest(old, proof, checkpointNote(this.sign(name), this.federation)));
  }

  #feedOf(name: string): HeldFeed {
    const key = this.keyOf(name);
    const known = this.#feeds.get(key);
    if (known !== undefined) return known;
    const author = new Author(name, this.federation);
    const feed: HeldFeed = { author, messages: [], tree: new MerkleTree(), signed: null };
    this.#feeds.set(key, feed);
    return feed;
  }

  #witnessOf(name: string) {
    const known = this.#witnesses.get(name);
    if (known !== undefined) return known;
    const file = new WitnessFile(join(this.#folder, `${name}.sqlite`));
    onTestFinished(() => file[Symbol.dispose]());
    const witness = new Witness({
      federation: this.federation,
      signer: signerOf(name),
      memory: file,
      clock: { now: () => 1_790_000_000_000 },
      knows: () => true,
      onCosigned: () => {},
      onConflict: () => {},
    });
    this.#witnesses.set(name, { witness, file });
    return { witness, file };
  }

  #messageOf(id: MessageId): Message | null {
    for (const { messages } of this.#feeds.values()) {
      const found = messages.find((each) => each.id === id);
      if (found !== undefined) return found;
    }
    return null;
  }
}

/** Of a node whose feeds a test does not look at. */
export const NO_LOGS: FeedReader = {
  feeds: () => [],
  checkpoint: () => null,
  tile: () => null,
  evidence: () => [],
  proof: () => null,
  witnessPolicy: () => 'quorum none\n',
  addCheckpoint: () => null,
};
