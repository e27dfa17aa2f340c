import { utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import {
  type Cosignature,
  checkpointText,
  cosign,
  cosignatureLine,
  cosignedAnswer,
  ed25519Verifier,
  emptyRoot,
  feedNoteKey,
  type Hash,
  judgeAuthor,
  judgeGrowth,
  type NoteKey,
  parseOrigin,
  parseWitnessRequestUnverified,
  refusedAnswer,
  type SignedCheckpoint,
  signatureLine,
  type WitnessAnswer,
  type WitnessRefusal,
  type WitnessRequestUnverified,
  witnessNoteKey,
} from '../../protocols/feed/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import type { Signer } from '../../protocols/message/index.ts';
import type { CosignedHead, WitnessMemory } from './ports.ts';

/** Two heads of one size that a feed's author has signed: it has lied to someone. spec 14-witnesses §3.10 */
export interface Conflict {
  readonly feed: MemberKey;
  readonly heads: readonly [ConflictingHead, ConflictingHead];
}

interface ConflictingHead {
  readonly size: number;
  readonly root: Hash;
  readonly signature: Uint8Array;
}

export interface WitnessOptions {
  readonly federation: FederationId;
  readonly signer: Signer;
  readonly memory: WitnessMemory;
  /** Milliseconds since 1970. */
  readonly clock: { now(): number };
  /** Whether a charter in force names this key, or has named it. */
  readonly knows: (feed: MemberKey) => boolean;
  /** Told when something has come into the outbox. */
  readonly onCosigned: () => void;
  readonly onConflict: (conflict: Conflict) => void;
}

/** Cosigns the heads of feeds that only ever grow. Its checks and its memory are one turn of the event loop. spec 14-witnesses §3 */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #key: MemberKey;
  readonly #noteKey: NoteKey;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#key = memberKey(options.signer.publicKey);
    this.#noteKey = witnessNoteKey(options.federation, this.#key);
  }

  /**
   * One request of any carrier. The answer that holds a cosignature is made after the head is durable.
   * @throws OversightError `disk-full`, `ledger-failed`: nothing was cosigned
   */
  addCheckpoint(body: Uint8Array): WitnessAnswer {
    // spec 14-witnesses §3.1
    const request = parseWitnessRequestUnverified(body);
    if (!request.ok) return refusedAnswer(request.reason, 0);
    const feed = this.#feedOf(request.value.checkpoint.origin);
    const checkpoint = judgeAuthor(request.value, feed === null ? null : this.#verifierOf(feed));
    if (!checkpoint.ok) return refusedAnswer(checkpoint.reason, 0);
    return this.#cosign(feed as MemberKey, request.value, checkpoint.value);
  }

  #cosign(feed: MemberKey, request: WitnessRequestUnverified, checkpoint: SignedCheckpoint): WitnessAnswer {
    const { last, judged } = this.#options.memory.advance(feed, (before) =>
      this.#judge(feed, request, checkpoint, before),
    );
    const lastSize = last?.size ?? 0;
    if (!judged.ok) {
      if (judged.reason === 'root-conflict' && last !== null) this.#tell(last, checkpoint);
      return refusedAnswer(judged.reason, lastSize);
    }
    // the same head again adds nothing to what is known of it: the earliest time counts
    if (judged.value.size > lastSize) this.#options.onCosigned();
    return cosignedAnswer(signatureLine(cosignatureLine(this.#noteKey, judged.value)));
  }

  /** spec 14-witnesses §3.5 to §3.8 */
  #judge(
    feed: MemberKey,
    request: WitnessRequestUnverified,
    { signature: head }: SignedCheckpoint,
    last: CosignedHead | null,
  ): Result<CosignedHead, WitnessRefusal> {
    const grown = judgeGrowth(request, last ?? { size: 0, root: emptyRoot() });
    if (!grown.ok) return refuse(grown.reason, grown.detail);
    const { size, root } = grown.value;
    // a clock that was set back: a larger head cannot have been seen before a smaller one
    const time = Math.max(Math.floor(this.#options.clock.now() / 1_000), last?.time ?? 0);
    return accept({ feed, size, root, head, witness: this.#key, ...this.#sign(feed, size, root, time) });
  }

  #sign(feed: MemberKey, size: number, root: Hash, time: number): Cosignature {
    const { federation, signer } = this.#options;
    return cosign(utf8(checkpointText(federation, { author: feed, size, root })), time, signer);
  }

  #tell(last: CosignedHead, { size, root, signature }: SignedCheckpoint): void {
    const known = { size: last.size, root: last.root, signature: last.head };
    this.#options.onConflict({ feed: last.feed, heads: [known, { size, root, signature }] });
  }

  /** spec 14-witnesses §3.2 */
  #feedOf(origin: string): MemberKey | null {
    const { federation, knows } = this.#options;
    const named = parseOrigin(origin);
    return named !== null && named.federation === federation && knows(named.author) ? named.author : null;
  }

  #verifierOf(feed: MemberKey) {
    const { federation, signer } = this.#options;
    const { name, publicKey } = feedNoteKey(federation, feed);
    return ed25519Verifier(name, publicKey, signer.ed25519);
  }
}
