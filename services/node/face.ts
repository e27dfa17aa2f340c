import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import { type Message, readStored } from '../../protocols/message/index.ts';
import type { FindingEntry, OversightRecord } from '../../protocols/record/index.ts';
import type { Standing } from '../../protocols/verdict/index.ts';
import type {
  AddedContent,
  CarRequest,
  FeedReader,
  GatewayNode,
  Metric,
  NodeStatus,
  Subscriptions,
} from '../gateway/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Author } from './author.ts';
import type { Chronicle } from './chronicle.ts';
import type { Company } from './company.ts';
import type { Confirmation } from './confirmation.ts';
import type { Content } from './content.ts';
import { type Measured, measure } from './metrics.ts';
import { checkPromise } from './pins/check-promise.ts';
import type { Keeping } from './pins/keeping.ts';
import { readinessOf } from './readiness.ts';
import { signAndAdd } from './release/sign-and-add.ts';
import { checkRelease } from './release-check.ts';
import { statusOf } from './status.ts';
import { StorageProbe } from './storage-probe.ts';

/** The parts of a node that its gateway reaches. */
export interface Faced extends Measured {
  readonly ledger: Pick<Ledger, 'count' | 'get' | 'headOf' | 'heads' | 'waiting'>;
  readonly chronicle: Pick<
    Chronicle,
    'record' | 'oversightRecord' | 'events' | 'eventPage' | 'isStored' | 'fold'
  >;
  readonly author: Pick<Author, 'write'>;
  readonly alone: Pick<Company, 'sinceMs'>;
  readonly content: Content;
  readonly logs: FeedReader;
  readonly webhooks: Subscriptions;
  readonly keeping: Keeping;
  readonly confirmation: Pick<Confirmation, 'state' | 'assert'>;
  /** Aborts when the node stops. */
  readonly closing: AbortSignal;
}

/** The node as its gateway, its owner and its own parts see it: what it holds, and how it speaks. */
export class Face implements GatewayNode {
  readonly #node: Faced;
  readonly #storage: StorageProbe;

  constructor(node: Faced) {
    this.#node = node;
    this.#storage = new StorageProbe(node.home.paths.ledger);
  }

  get logs(): FeedReader {
    return this.#node.logs;
  }

  get subscriptions(): Subscriptions {
    return this.#node.webhooks;
  }

  status(): NodeStatus {
    return statusOf(this.#node);
  }

  /** What `GET /metrics` tells. */
  measure(): Promise<Metric[]> {
    return measure(this.#node);
  }

  charter() {
    return this.#node.chronicle.fold.charter().document;
  }

  charters() {
    return this.#node.chronicle.fold.charters().map(({ id, document }) => ({ id, document }));
  }

  amendments() {
    return this.#node.chronicle.fold.amendments().map(({ charter: { id, document }, proposal, consents }) => {
      return { id, document, proposal, consents };
    });
  }

  record() {
    return this.#node.chronicle.record();
  }

  oversightRecord(): OversightRecord {
    return this.#node.chronicle.oversightRecord();
  }

  findingIds(): readonly MessageId[] {
    return this.#node.chronicle.fold.findingIds();
  }

  finding(id: MessageId): FindingEntry | null {
    return this.#node.chronicle.fold.finding(id);
  }

  standings(): Readonly<Record<Standing, number>> {
    return this.#node.chronicle.fold.standings();
  }

  message(id: MessageId): Message | null {
    const row = this.#node.ledger.get(id);
    return row === null ? null : readStored(row.wire, nativeSha256);
  }

  events(afterCursor: number, options: { readonly signal: AbortSignal }) {
    return this.#node.chronicle.events(afterCursor, options);
  }

  eventPage(afterCursor: number, limit: number) {
    return this.#node.chronicle.eventPage(afterCursor, limit);
  }

  readiness() {
    return readinessOf({
      ...this.#node,
      isStored: this.#node.chronicle.isStored,
      storage: this.#storage,
    });
  }

  async publish(kind: string, body: PlainObject): Promise<Result<Message>> {
    const { content, closing, author, confirmation } = this.#node;
    confirmation.assert();
    const promised = await checkPromise(content.store, kind, body);
    const checked = promised.ok
      ? await checkRelease(content.store, kind, body, { signal: closing })
      : promised;
    if (!checked.ok) {
      const { reason, detail } = checked;
      throw new OversightError('checkpoint-invalid', `${reason}: ${detail}`, { details: { reason } });
    }
    return author.write(kind, body);
  }

  /** For what the node itself has to say. @throws OversightError `message-refused`, `feed-unconfirmed` */
  async mustPublish(kind: string, body: PlainObject): Promise<void> {
    await this.say(kind, body);
  }

  /** `mustPublish`, with the message. */
  async say(kind: string, body: PlainObject): Promise<Message> {
    const published = await this.publish(kind, body);
    if (published.ok) return published.value;
    const { reason, detail } = published;
    throw new OversightError('message-refused', `${reason}: ${detail}`, { details: { reason } });
  }

  async addContent(
    directory: string,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Result<AddedContent>> {
    try {
      const { cid, profile, sizeBytes, files } = await this.#node.content.add(directory, { signal });
      return accept({ cid, profile, sizeBytes, files });
    } catch (error) {
      if (error instanceof OversightError && error.code === 'checkpoint-invalid') {
        return refuse(String(error.details['reason'] ?? error.code), error.message);
      }
      throw error;
    }
  }

  async addRelease(
    release: { readonly directory: string; readonly name: string },
    options: Parameters<GatewayNode['addRelease']>[1],
  ): Promise<AddedContent> {
    const { content, home } = this.#node;
    const { cid, profile, sizeBytes, files } = await signAndAdd(content.store, home, release, options);
    content.holds.keep(cid);
    return { cid, profile, sizeBytes, files };
  }

  async pin(
    { cid, until }: { readonly cid: ContentId; readonly until: number },
    options: Parameters<GatewayNode['pin']>[1],
  ): Promise<MessageId> {
    this.#node.confirmation.assert();
    return this.#node.keeping.pin(cid, until, options);
  }

  unpin(cid: ContentId): Promise<MessageId> {
    return this.#node.keeping.unpin(cid);
  }

  collectGarbage(options: Parameters<GatewayNode['collectGarbage']>[0]) {
    return this.#node.keeping.collect(options);
  }

  block(cid: string, into?: Uint8Array): Promise<Uint8Array | null> {
    const { content, closing } = this.#node;
    return content.block(cid, { signal: closing, ...(into === undefined ? {} : { into }) });
  }

  car(request: CarRequest): Promise<AsyncIterable<Uint8Array> | null> {
    return this.#node.content.car(request, { signal: this.#node.closing });
  }
}
