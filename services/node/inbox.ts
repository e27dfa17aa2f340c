import { CLOCK_SKEW_LIMIT_MS } from '../../protocols/base/limits.ts';
import { type AuthorityRefusal, authorize, type Charter } from '../../protocols/charter/index.ts';
import { memberNames } from '../../protocols/identity/did-key.ts';
import { checkBody } from '../../protocols/kinds/index.ts';
import {
  type Message,
  type OpenContext,
  type OpenRefusal,
  open,
  SignedBytes,
} from '../../protocols/message/index.ts';
import { nativeEd25519, nativeSha256 } from '../keys/index.ts';
import type { AppendResult, Ledger } from '../ledger/index.ts';

export type Refusal =
  | OpenRefusal
  | AuthorityRefusal
  | 'from-the-future'
  | 'duplicate'
  | 'surplus'
  | 'pending-full';
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
  readonly #charter: Charter;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #context: OpenContext;
  readonly #refusals = new Map<Refusal, number>();

  constructor(charter: Charter, ledger: Ledger, clock: Clock) {
    this.#charter = charter;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#context = {
      federation: charter.id,
      ed25519: nativeEd25519(),
      sha256: nativeSha256,
      signedBytes: new SignedBytes(),
      checkBody,
      memberKey: memberNames(charter.members.keys()),
    };
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
    const authority = authorize(this.#charter, message.author, message.kind);
    if (!authority.ok) return this.#refuse(authority.reason);
    const now = this.#clock.now();
    if (message.issuedAt > now + CLOCK_SKEW_LIMIT_MS) return this.#refuse('from-the-future');
    const result: AppendResult = await this.#ledger.append(message, now);
    if (result !== 'appended' && result !== 'pending') return this.#refuse(result);
    return { decision: 'accept', fresh: message, refusal: null };
  }

  #refuse(refusal: Refusal): Admission {
    this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1);
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
    case 'not-a-member':
    case 'role-may-not':
      return 'reject';
    case 'from-the-future':
    case 'duplicate':
    case 'surplus':
    case 'pending-full':
      return 'ignore';
  }
}
