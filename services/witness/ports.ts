import type { MemberKey } from '../../protocols/base/ids.ts';
import type { Result } from '../../protocols/base/result.ts';
import type { Hash } from '../../protocols/feed/index.ts';

/** A head that a witness has cosigned: all that anyone needs to check it. */
export interface CosignedHead {
  readonly feed: MemberKey;
  readonly size: number;
  readonly root: Hash;
  /** 64 bytes, the author's over the checkpoint. */
  readonly head: Uint8Array;
  readonly witness: MemberKey;
  /** Seconds since 1970. */
  readonly time: number;
  /** 64 bytes, the witness's over the time and the checkpoint. */
  readonly signature: Uint8Array;
}

/** What a witness remembers. Whatever is durable when a call returns stays so, however the process ends. */
export interface WitnessMemory {
  /** The head of this feed cosigned last; null when there is none. */
  last(feed: MemberKey): CosignedHead | null;
  /**
   * Judges what was cosigned last and, when accepted, puts the result in its place, and in the outbox too where it is
   * larger: one durable step, which no other for this feed interrupts.
   * @throws OversightError `disk-full`, `ledger-failed`: nothing has changed
   */
  advance<R extends string>(
    feed: MemberKey,
    judge: (last: CosignedHead | null) => Result<CosignedHead, R>,
  ): Advance<R>;
}

/** What was cosigned before, and what the judgement of the next head came to. */
export interface Advance<R extends string> {
  readonly last: CosignedHead | null;
  readonly judged: Result<CosignedHead, R>;
}

/** How far each witness has cosigned our own feed, as far as we know. */
export interface SubmissionMemory {
  /** 0 when it has cosigned nothing. */
  submitted(feed: MemberKey, witness: MemberKey): number;
  /** Durable when it returns. @param outgoing to be published by us: put into the outbox in the same step */
  setSubmitted(feed: MemberKey, witness: MemberKey, size: number, outgoing: CosignedHead | null): void;
}

/** Cosignatures that wait to be published; durable. */
export interface CosignatureOutbox {
  /** The oldest, in order. */
  first(limit: number): readonly { readonly number: number; readonly cosigned: CosignedHead }[];
  /** Forgets these and all before. */
  drop(upToNumber: number): void;
}
