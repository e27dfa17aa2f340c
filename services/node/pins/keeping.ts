import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId, MemberKey, MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { isKind } from '../../../protocols/kinds/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import type { OversightRecord } from '../../../protocols/record/index.ts';
import { collectGarbage, type Garbage, type Progress } from '../../checkpoints/index.ts';
import type { Content } from '../content.ts';
import type { Clock } from '../inbox.ts';
import { OwnContent, type OwnFeeds } from './own-content.ts';

export interface KeepingPorts {
  readonly content: Content;
  readonly feeds: OwnFeeds;
  readonly clock: Clock;
  /** This member's keys, the oldest first; the last one is its own now. */
  readonly keys: () => readonly MemberKey[];
  /** Of the charter in force; null while it does not name this node. */
  readonly name: () => string | null;
  readonly record: () => OversightRecord;
  readonly message: (id: MessageId) => Message | null;
  /** Resolves when the message is durable here. */
  readonly publish: (kind: string, body: PlainObject) => Promise<MessageId>;
}

/** What this node keeps for the others: it promises, takes back, and lets go of what nobody is promised. */
export class Keeping {
  readonly #ports: KeepingPorts;
  readonly #own: OwnContent;

  constructor(ports: KeepingPorts) {
    this.#ports = ports;
    this.#own = new OwnContent(ports.feeds, ports.keys);
  }

  /**
   * Fetches the checkpoint where it is not here, and promises it once every block is. spec 19-pins §1.2
   * @param until milliseconds since 1970
   * @throws OversightError `argument-invalid`, `blob-not-found`, `disk-full`, `message-refused`, …
   */
  async pin(
    cid: ContentId,
    until: number,
    options: { readonly signal: AbortSignal; readonly onProgress?: (progress: Progress) => void },
  ): Promise<MessageId> {
    const { content, clock, publish } = this.#ports;
    if (until <= clock.now())
      throw new OversightError('argument-invalid', 'the promise would be over already');
    using _held = content.holds.hold(cid);
    await content.fetch(cid, { ...options, limitBytes: Number.MAX_SAFE_INTEGER });
    const stored = await content.store.stat(cid);
    if (stored === null) throw new OversightError('blob-not-found', `${cid} is not here`);
    const { profile, sizeBytes } = stored;
    return publish('pin/1', { checkpoint: { cid, profile, sizeBytes }, until });
  }

  /** Takes the promise back; its blocks stay until `collect`. @throws OversightError `not-found` */
  async unpin(cid: ContentId): Promise<MessageId> {
    const { record, name, message, publish } = this.#ports;
    const own = name();
    const pin = record().pins.find((each) => each.checkpoint === cid && each.member === own);
    const promised = pin === undefined ? null : message(pin.id);
    if (promised === null || !isKind(promised, 'pin/1'))
      throw new OversightError('not-found', `this node has not promised to keep ${cid}`);
    const { profile, sizeBytes } = promised.body.checkpoint;
    return publish('pin/1', { checkpoint: { cid, profile, sizeBytes }, until: null });
  }

  hasTakenBack(cid: ContentId): boolean {
    return this.#own.hasTakenBack(cid);
  }

  /** Lets go of what was fetched and is neither promised, named by this member nor in use. spec 19-pins §4.2 */
  collect(options: { readonly signal: AbortSignal; readonly dryRun: boolean }): Promise<readonly Garbage[]> {
    const { content, clock } = this.#ports;
    const isKept = (cid: ContentId) => content.holds.has(cid) || this.#own.keeps(cid, clock.now());
    return collectGarbage(content.store, { ...options, isKept });
  }
}
