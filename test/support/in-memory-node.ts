import { once, setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import { authorize, type Charter } from '../../protocols/charter/index.ts';
import type { NodeEvent } from '../../protocols/events/index.ts';
import { checkBody } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import {
  type NamedRecord,
  namedRecord,
  type OversightRecord,
  RecordFold,
} from '../../protocols/record/index.ts';
import type {
  AddedContent,
  CarRequest,
  CollectedContent,
  FeedReader,
  GatewayNode,
  NodeStatus,
  ReadinessCheck,
  Subscriptions,
} from '../../services/gateway/index.ts';
import { eventOf } from '../../services/node/event-kinds.ts';
import { Author, charterOf, MEMBERS, type MemberName } from './federation.ts';
import { InMemorySubscriptions } from './in-memory-subscriptions.ts';
import { NO_LOGS } from './logged-feeds.ts';
import { contentCid } from './samples.ts';

/** A node without a disk or a network, for what stands in front of a node. Real messages, real record, real events. */
export class InMemoryNode implements GatewayNode {
  readonly #self: MemberName;
  readonly #charter: Charter;
  readonly #fold: RecordFold;
  readonly #authors = new Map<MemberName, Author>();
  readonly #messages = new Map<MessageId, Message>();
  readonly #events: NodeEvent[] = [];
  readonly #grown = new EventTarget();
  /** The same until something comes, as in a node with a disk. */
  #moment: NamedRecord | null = null;
  #oversight: OversightRecord | null = null;
  readonly blocks = new Map<string, Uint8Array>();
  logs: FeedReader = NO_LOGS;
  readonly subscriptions: Subscriptions = new InMemorySubscriptions();
  hasPeers = true;
  /** Event sequences that subscribers have open. */
  subscribers = 0;

  constructor(self: MemberName, charter: Charter = charterOf()) {
    this.#self = self;
    setMaxListeners(0, this.#grown); // one a subscriber
    this.#charter = charter;
    this.#fold = new RecordFold(charter);
  }

  /** What the record is made of. */
  get fold(): Pick<RecordFold, 'record'> {
    return this.#fold;
  }

  /** Any member says something and this node accepts it. */
  hear(name: MemberName, kind: string, body: PlainObject, issuedAt = 1_790_000_000_000): Message {
    const author = this.#authors.get(name) ?? new Author(name, this.#charter.id);
    this.#authors.set(name, author);
    const message = author.say(kind, body, issuedAt);
    const before = new Map(this.record().record.findings.map(({ id, standing }) => [id, standing]));
    this.#messages.set(message.id, message);
    this.#moment = null;
    this.#oversight = null;
    if (this.#fold.add(message) === null) throw new TypeError('the record took nothing from the message');
    this.#append(message, eventOf(message));
    for (const { id, standing } of this.record().record.findings) {
      const from = before.get(id) ?? 'open';
      if (from === standing) continue;
      this.#append(message, { type: 'finding.standing-changed', data: { finding: id, from, to: standing } });
    }
    return message;
  }

  /** Somebody's messages come, written elsewhere. */
  take(messages: Iterable<Message>): void {
    this.#moment = null;
    this.#oversight = null;
    for (const message of messages) {
      this.#messages.set(message.id, message);
      if (this.#fold.add(message) !== null) this.#append(message, eventOf(message));
    }
  }

  status(): NodeStatus {
    return {
      version: '0.1.0',
      federation: this.#charter.id,
      federationName: this.#charter.document.name,
      member: this.#memberKey(this.#self),
      name: this.#self,
      roles: MEMBERS[this.#self].roles,
      charter: { version: this.charter().version, id: this.#fold.charter().id },
      messages: this.#messages.size,
      pending: 0,
      ownFeed: { state: 'confirmed', length: this.#messages.size },
      recordDigest: this.record().digest,
      witnessing: { isWitness: false, shown: 0, cosigned: [] },
      lastEvent: this.#events.length,
      transports: [
        { name: 'libp2p', state: 'connected', peers: 4 },
        { name: 'nats', state: 'connecting', peers: 0 },
      ],
      refusals: { 'signature-invalid': 2 },
      jobs: [],
    };
  }

  charter() {
    return this.#fold.charter().document;
  }

  charters() {
    return this.#fold.charters().map(({ id, document }) => ({ id, document }));
  }

  amendments() {
    return this.#fold.amendments().map(({ charter: { id, document }, proposal, consents }) => {
      return { id, document, proposal, consents };
    });
  }

  oversightRecord() {
    this.#oversight ??= this.#fold.oversightRecord();
    return this.#oversight;
  }

  findingIds() {
    return this.#fold.findingIds();
  }

  finding(id: MessageId) {
    return this.#fold.finding(id);
  }

  standings() {
    return this.#fold.standings();
  }

  record() {
    this.#moment ??= namedRecord(this.#fold.record());
    return this.#moment;
  }

  message(id: MessageId): Message | null {
    return this.#messages.get(id) ?? null;
  }

  async *events(after: number, { signal }: { readonly signal: AbortSignal }): AsyncIterable<NodeEvent> {
    this.subscribers += 1;
    try {
      for (let cursor = after; !signal.aborted; ) {
        const event = this.#events[cursor];
        if (event === undefined) {
          await once(this.#grown, 'event', { signal }).catch(() => null); // the loop sees the signal
        } else {
          cursor = event.cursor;
          yield event;
        }
      }
    } finally {
      this.subscribers -= 1;
    }
  }

  eventPage(after: number, limit: number): readonly NodeEvent[] {
    return this.#events.slice(after, after + limit);
  }

  async readiness(): Promise<readonly ReadinessCheck[]> {
    return [{ name: 'peers', ok: this.hasPeers, says: '4 neighbours' }];
  }

  async publish(kind: string, body: PlainObject): Promise<Result<Message>> {
    const allowed = authorize(this.#charter, this.#memberKey(this.#self), kind);
    if (!allowed.ok) return allowed;
    const fault = checkBody(kind, body);
    return fault === null ? accept(this.hear(this.#self, kind, body)) : refuse('body-invalid', fault);
  }

  async pin({ cid, until }: { readonly cid: ContentId; readonly until: number }): Promise<MessageId> {
    const checkpoint = { cid, profile: 'unixfs-v1-2025', sizeBytes: 12 };
    return this.hear(this.#self, 'pin/1', { checkpoint, until }).id;
  }

  async unpin(cid: ContentId): Promise<MessageId> {
    const pin = this.record().record.pins.find(
      ({ checkpoint, member }) => checkpoint === cid && member === this.#self,
    );
    if (pin === undefined) throw new OversightError('not-found', 'no such promise');
    const checkpoint = { cid, profile: 'unixfs-v1-2025', sizeBytes: 12 };
    return this.hear(this.#self, 'pin/1', { checkpoint, until: null }).id;
  }

  async collectGarbage(): Promise<readonly CollectedContent[]> {
    return [{ cid: contentCid('nobody needs this'), sizeBytes: 12, state: 'partial' }];
  }

  async addContent(directory: string): Promise<Result<AddedContent>> {
    if (directory.endsWith('missing')) return refuse('not-a-directory', 'there is no such directory');
    const files = [{ path: 'config.json', sizeBytes: 12, sha256: '00'.repeat(32) }];
    return accept({ cid: contentCid(directory), profile: 'unixfs-v1-2025', sizeBytes: 12, files });
  }

  async addRelease(
    { directory }: Parameters<GatewayNode['addRelease']>[0],
    { onProgress }: Parameters<GatewayNode['addRelease']>[1],
  ): Promise<AddedContent> {
    onProgress({ bytesDone: 6, bytesTotal: 12 });
    const added = await this.addContent(directory);
    if (added.ok) return added.value;
    throw new OversightError('checkpoint-invalid', added.detail, { details: { reason: added.reason } });
  }

  async block(cid: string): Promise<Uint8Array | null> {
    return this.blocks.get(cid) ?? null;
  }

  /** Its one block where there is one: CARs of a real store are tested with one. */
  async car({ cid }: CarRequest): Promise<AsyncIterable<Uint8Array> | null> {
    const block = this.blocks.get(cid);
    return block === undefined ? null : Readable.from([block]);
  }

  #append(message: Message, event: Pick<NodeEvent, 'type' | 'data'>): void {
    const cursor = this.#events.length + 1;
    const acceptedAt = message.issuedAt + cursor * 1_000;
    this.#events.push({ cursor, message: message.id, author: message.author, acceptedAt, ...event });
    this.#grown.dispatchEvent(new Event('event'));
  }

  #memberKey(name: MemberName) {
    const entry = this.#charter.document.members.find((member) => member.name === name);
    if (entry === undefined) throw new TypeError(`${name} is not in the charter`);
    return entry.keys.signing;
  }
}
