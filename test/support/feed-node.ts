import { join } from 'node:path';
import type { MemberKey } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { encode } from '../../protocols/codec/codec.ts';
import type { EventType } from '../../protocols/events/index.ts';
import { type Head, leafHash, MerkleTree, signHead } from '../../protocols/feed/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { nativeEd25519, nativeSha256 } from '../../services/keys/index.ts';
import { EventLog, Ledger } from '../../services/ledger/index.ts';
import { Network, type Ruling, type Transport } from '../../services/network/index.ts';
import { exchange } from '../../services/network/sync/exchange.ts';
import { Chronicle } from '../../services/node/chronicle.ts';
import { Feeds } from '../../services/node/feeds.ts';
import { type Arrival, Inbox } from '../../services/node/inbox.ts';
import { lineOf } from '../../services/node/line.ts';
import { Opener } from '../../services/node/opening/opener.ts';
import { Author, type MemberName, signerOf } from './federation.ts';

const { signal } = new AbortController();

/** The parts of a node that hold and exchange feeds, each a real one, over the transports given. */
export class FeedNode implements AsyncDisposable {
  readonly charter: Charter;
  readonly ledger: Ledger;
  readonly log: EventLog<EventType>;
  readonly chronicle: Chronicle;
  readonly opener: Opener;
  readonly inbox: Inbox;
  readonly feeds: Feeds;
  readonly network: Network;
  readonly forkedHeads: { readonly head: Head; readonly other: Head }[] = [];

  constructor(folder: string, charter: Charter, transports: readonly Transport[], syncIntervalMs = 60_000) {
    const path = join(folder, 'ledger.sqlite');
    const clock = { now: () => 1_790_000_000_000 };
    const ed25519 = nativeEd25519();
    this.charter = charter;
    this.ledger = new Ledger(path);
    this.log = new EventLog<EventType>(path);
    this.chronicle = new Chronicle(charter, this.ledger, this.log, (error) => {
      throw error;
    });
    this.opener = new Opener(charter.id);
    this.inbox = new Inbox(this.chronicle.fold, this.ledger, clock, this.opener);
    this.feeds = new Feeds({
      federation: charter.id,
      ledger: this.ledger,
      sight: this.chronicle,
      opener: this.opener,
      ed25519,
      clock,
      quotas: this.inbox.quotas,
      onForkedHeads: (head, other) => this.forkedHeads.push({ head, other }),
    });
    this.network = new Network({
      transports,
      inbox: { accept: (wire, _, arrival) => this.#accept(wire, arrival) },
      lineOf: (wire, from) => lineOf(this.chronicle.fold, wire, from),
      source: this.feeds,
      intake: this.feeds,
      syncIntervalMs,
    });
  }

  async #accept(wire: Uint8Array, arrival: Arrival): Promise<Ruling> {
    const { decision, fresh, refusal } = await this.inbox.accept(wire, arrival);
    return { decision, fresh: fresh !== null, outgoing: null, overQuota: refusal === 'over-quota' };
  }

  start(): Promise<void> {
    return this.network.start({ signal });
  }

  /** Holds these messages as if they had come one by one. */
  async hold(messages: readonly Message[]): Promise<void> {
    await Promise.all(messages.map((message) => this.ledger.append(message, 1)));
  }

  /** Holds a head that the author of these messages has signed over them. */
  holdHead(name: MemberName, messages: readonly Message[]): Head {
    const head = headOf(name, this.charter, messages);
    this.ledger.keepHead(head);
    return head;
  }

  /** One exchange with a peer that answers so, and asks nothing itself. */
  async fetch(request: Transport['request']): Promise<void> {
    const port = {
      source: this.feeds,
      intake: this.feeds,
      request,
      ingest: async (wire: Uint8Array) => (await this.inbox.accept(wire)).decision,
      claimed: new Set<MemberKey>(),
    };
    await exchange(port, { transport: 'memory', id: 'peer' }, { signal });
  }

  length(author: MemberKey): number {
    return this.ledger.lengthOf(author);
  }

  digest(): string {
    return this.chronicle.record().digest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.opener[Symbol.asyncDispose]();
    this.log[Symbol.dispose]();
    this.ledger[Symbol.dispose]();
  }
}

export function headOf(name: MemberName, charter: Charter, messages: readonly Message[]): Head {
  const tree = new MerkleTree(nativeSha256);
  for (const { wire } of messages) tree.append(leafHash(wire, nativeSha256));
  return signHead(charter.id, { size: tree.size, root: tree.root() }, signerOf(name));
}

/** The first messages of one member's feed, of a kind that means nothing. */
export function feedOf(
  name: MemberName,
  charter: Charter,
  length: number,
  body: (n: number) => PlainObject = (n) => ({ n }),
): Message[] {
  const author = new Author(name, charter.id);
  return Array.from({ length }, (_, n) => author.say('something-new/2', body(n)));
}

/** The same payload under bytes that are no signature of it. */
export function withSignature(message: Message, fill: number): Message {
  const payload = message.wire.slice(message.wire[1] === 0x58 ? 3 : 4, -66);
  return { ...message, wire: Uint8Array.from(encode([payload, new Uint8Array(64).fill(fill)])) };
}
