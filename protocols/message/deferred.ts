import type { FederationId, MemberKey, MessageId } from '../base/ids.ts';
import type { PlainObject } from '../base/plain.ts';
import { parseEnvelopeUnverified } from './envelope.ts';
import type { Message } from './message.ts';

/** A message that another thread has opened. Its body is read from its bytes when somebody asks for it. */
export class DeferredMessage implements Message {
  readonly id: MessageId;
  readonly federation: FederationId;
  readonly author: MemberKey;
  readonly sequence: number;
  readonly previous: MessageId | null;
  readonly issuedAt: number;
  readonly kind: string;
  readonly wire: Uint8Array;
  /** Of a verdict, the finding it is on, where that is at hand. */
  readonly finding: MessageId | null;
  #body: PlainObject | null = null;

  constructor(fields: Omit<Message, 'body'> & { readonly finding?: MessageId | null }) {
    this.id = fields.id;
    this.federation = fields.federation;
    this.author = fields.author;
    this.sequence = fields.sequence;
    this.previous = fields.previous;
    this.issuedAt = fields.issuedAt;
    this.kind = fields.kind;
    this.wire = fields.wire;
    this.finding = fields.finding ?? null;
  }

  /** @throws TypeError when the bytes are not those that were opened. */
  get body(): PlainObject {
    if (this.#body !== null) return this.#body;
    const envelope = parseEnvelopeUnverified(this.wire);
    if (!envelope.ok) throw new TypeError(`an opened message does not parse: ${envelope.reason}`);
    this.#body = envelope.value.body;
    return this.#body;
  }
}
