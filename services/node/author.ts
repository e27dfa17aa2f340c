import type { FederationId } from '../../protocols/base/ids.ts';
import { MESSAGE_LIMIT_BYTES } from '../../protocols/base/limits.ts';
import { isPlainObject, type PlainObject } from '../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import { authorize } from '../../protocols/charter/index.ts';
import { findLinkLike } from '../../protocols/codec/link-like.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import {
  type BodyCheck,
  encodePayload,
  faultOfPayload,
  KIND_PATTERN,
  type Message,
  readStored,
  type Signer,
  signPayload,
} from '../../protocols/message/index.ts';
import { bodyCheckOf } from '../../protocols/record/index.ts';
import type { Ledger } from '../ledger/index.ts';
import { type Authority, federationOf, mayPublishAt } from './authority.ts';
import type { Clock } from './inbox.ts';
import { type Quotas, quotasOf } from './quotas.ts';

export type AuthorRefusal =
  | 'feed-forked'
  | 'kind-malformed'
  | 'body-invalid'
  | 'not-a-member'
  | 'role-may-not'
  | 'over-quota'
  | 'too-large';

/** More than the signature and the frame around payload and signature take. */
const SIGNATURE_ROOM_BYTES = 128;

/** Writes this node's own feed: one message at a time, reserved before it is signed. spec 05-message §6 */
export class Author {
  readonly #federation: FederationId;
  readonly #authority: Authority;
  readonly #checkBody: BodyCheck;
  readonly #ledger: Ledger;
  readonly #signer: Signer;
  readonly #clock: Clock;
  readonly #announce: (message: Message) => void;
  readonly #self: ReturnType<typeof memberKey>;
  /** What the others hold this node to: said faster, they would leave it lying. */
  readonly #quotas: Quotas;
  #tail: Promise<unknown> = Promise.resolve();

  /** @param announce told of each message of ours once it is durable */
  constructor(
    authority: Authority,
    ledger: Ledger,
    signer: Signer,
    clock: Clock,
    announce: (message: Message) => void,
  ) {
    this.#federation = federationOf(authority);
    this.#authority = authority;
    this.#checkBody = bodyCheckOf({ federation: this.#federation, ed25519: signer.ed25519 });
    this.#ledger = ledger;
    this.#signer = signer;
    this.#clock = clock;
    this.#announce = announce;
    this.#self = memberKey(signer.publicKey);
    this.#quotas = quotasOf(authority, ledger, clock);
  }

  /** Signs again what was reserved when the node was killed; the same payload gives the same message. */
  recover(): Promise<void> {
    return this.#inTurn(() => this.#finishReserved());
  }

  /** Resolves once the message is durable here. One call at a time takes effect, in the order of the calls. */
  write(kind: string, body: PlainObject): Promise<Result<Message, AuthorRefusal>> {
    return this.#inTurn(() => this.#write(kind, body));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined); // the caller has the failure; the next turn starts anew
    return turn;
  }

  /** A reserved sequence is never reserved again, so what an earlier failure left without its message comes first. */
  async #finishReserved(): Promise<void> {
    const reservation = this.#ledger.lastReservation();
    if (reservation === null || reservation.sequence < this.#head().length) return;
    await this.#signAndAppend(reservation.payload);
  }

  async #write(kind: string, body: PlainObject): Promise<Result<Message, AuthorRefusal>> {
    if (!KIND_PATTERN.test(kind)) return refuse('kind-malformed', 'a kind looks like finding/1');
    if (!isPlainObject(body))
      return refuse('body-invalid', 'a body holds only text, integers, lists and maps');
    const link = findLinkLike(body);
    if (link !== null)
      return refuse('body-invalid', `${link}: a map with one value under "/" and "bytes" has no encoding`);
    const fault = this.#checkBody(kind, body, this.#self);
    if (fault !== null) return refuse('body-invalid', fault);
    const authority = this.#authorize(kind);
    if (!authority.ok) return authority;
    if (this.#ledger.headOf(this.#self)?.fork != null)
      return refuse('feed-forked', 'two messages of this node at one sequence are known; it needs a new key');
    await this.#finishReserved();
    const { length: sequence, head: previous } = this.#head();
    const draft = {
      federation: this.#federation,
      sequence,
      previous,
      issuedAt: this.#clock.now(),
      kind,
      body,
    };
    const payload = encodePayload(draft, this.#signer.publicKey);
    if (payload.length + SIGNATURE_ROOM_BYTES > MESSAGE_LIMIT_BYTES) {
      return refuse(
        'too-large',
        `${payload.length} bytes; put large parts into a directory and name its CID`,
      );
    }
    const unreadable = faultOfPayload(payload);
    if (unreadable !== null) return refuse('body-invalid', unreadable);
    // spec 11-network §2.4
    const bytes = payload.length + SIGNATURE_ROOM_BYTES;
    if (!this.#quotas.take({ author: this.#self, sequence, bytes, length: sequence, live: true })) {
      const seconds = Math.ceil(this.#quotas.waitMs(this.#self, bytes) / 1_000);
      return refuse('over-quota', `the charter allows this member no more now; try again in ${seconds} s`);
    }
    this.#ledger.reserve(sequence, payload);
    return accept(await this.#signAndAppend(payload));
  }

  /** By the version in force, and by the one that governs the next place of the feed. spec 06-charter §4, §5.7 */
  #authorize(kind: string): Result<true, 'not-a-member' | 'role-may-not'> {
    const current = authorize(this.#authority.charter(), this.#self, kind);
    if (!current.ok) return current;
    if (mayPublishAt(this.#authority, this.#self, this.#head().length, kind)) return accept(true);
    return refuse('role-may-not', `the version that governs the next message does not allow ${kind} yet`);
  }

  async #signAndAppend(payload: Uint8Array): Promise<Message> {
    const message = readStored(signPayload(payload, this.#signer));
    await this.#ledger.append(message, this.#clock.now());
    this.#announce(message);
    return message;
  }

  #head() {
    return this.#ledger.headOf(this.#self) ?? { length: 0, head: null };
  }
}
