import type { MemberKey } from '../../protocols/base/ids.ts';
import type { AuthorityRefusal } from '../../protocols/charter/index.ts';
import { memberNames } from '../../protocols/identity/did-key.ts';
import {
  type Message,
  type OpenContext,
  type OpenRefusal,
  open,
  SignedBytes,
} from '../../protocols/message/index.ts';
import { bodyCheckOf } from '../../protocols/record/index.ts';
import { nativeEd25519, nativeSha256 } from '../keys/index.ts';
import type { AppendResult, Ledger } from '../ledger/index.ts';
import { type Authority, federationOf, mayPublishAt, memberKeysOf } from './authority.ts';

export type Refusal = OpenRefusal | AuthorityRefusal | 'duplicate' | 'surplus' | 'pending-full';
export type Decision = 'accept' | 'ignore' | 'reject';

export interface Admission {
  readonly decision: Decision;
  /** The message, when this call made it durable here, in its feed or waiting for one before it. */
  readonly fresh: Message | null;
  readonly refusal: Refusal | null;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** Judges bytes from anywhere: form, signature, authority, time; then makes them durable. spec 05-message §5, 06-charter §4 */
export class Inbox {
  readonly #authority: Authority;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #context: OpenContext;
  readonly #refusals = new Map<Refusal, number>();
  #names: (signingKey: Uint8Array) => MemberKey;

  constructor(authority: Authority, ledger: Ledger, clock: Clock) {
    const ed25519 = nativeEd25519();
    const federation = federationOf(authority);
    this.#authority = authority;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#names = memberNames(memberKeysOf(authority));
    this.#context = {
      federation,
      ed25519,
      sha256: nativeSha256,
      signedBytes: new SignedBytes(),
      checkBody: bodyCheckOf({ federation, ed25519 }),
      memberKey: (signingKey) => this.#names(signingKey),
    };
  }

  /** Takes the names of those who may speak now: told when another version of the charter is in force. */
  knowMembers(): void {
    this.#names = memberNames(memberKeysOf(this.#authority));
  }

  /** Refused bytes, by reason, since the start. */
  refusals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refusals);
  }

  /**
   * Resolves once the message is durable or refused.
   * @throws OversightError when the ledger cannot take it, so that the transport offers it again.
   */
  async accept(wire: Uint8Array): Promise<Admission> {
    // its own bytes: a transport's are a view of a large buffer, which a message that is kept would keep too
    const opened = open(new Uint8Array(wire), this.#context);
    if (!opened.ok) return this.#refuse(opened.reason);
    const message = opened.value;
    // spec 06-charter §4: an amendment that names it may not have come yet
    if (!this.#authority.admits(message.author)) return this.#refuse('not-a-member');
    const result: AppendResult = await this.#ledger.append(message, this.#clock.now());
    if (result !== 'appended' && result !== 'pending') return this.#refuse(result);
    // spec 06-charter §4: a leaf of its feed all the same
    const { author, sequence, kind } = message;
    const mayPublish = mayPublishAt(this.#authority, author, sequence, kind);
    if (!mayPublish) this.#count('role-may-not');
    return { decision: 'accept', fresh: message, refusal: mayPublish ? null : 'role-may-not' };
  }

  #count(refusal: Refusal): void {
    this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1);
  }

  #refuse(refusal: Refusal): Admission {
    this.#count(refusal);
    return { decision: decisionOn(refusal), fresh: null, refusal };
  }
}

/** What the neighbour who sent it should have known costs it its score; the rest is nobody's fault. spec 11-network §2 */
export function decisionOn(refusal: Refusal): Exclude<Decision, 'accept'> {
  switch (refusal) {
    case 'too-large':
    case 'not-canonical':
    case 'envelope-invalid':
    case 'signature-invalid':
    case 'wrong-federation':
    case 'body-invalid':
      return 'reject';
    case 'not-a-member':
    case 'role-may-not':
    case 'duplicate':
    case 'surplus':
    case 'pending-full':
      return 'ignore';
  }
}
