import { messageOf, OversightError } from '../../protocols/base/errors.ts';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { fromBase64, toBase64 } from '../../protocols/codec/base64.ts';
import type { WitnessAnswer } from '../../protocols/feed/index.ts';
import type { CharterDocument, ForkProofBody } from '../../protocols/kinds/index.ts';
import { isKind } from '../../protocols/kinds/index.ts';
import { type Message, readStored, type Signer } from '../../protocols/message/index.ts';
import type { NodeStatus } from '../gateway/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import type { CosignedRow, KnownCosignatures, LedgerRow, WitnessFile } from '../ledger/index.ts';
import {
  type Conflict,
  CosignaturePublisher,
  postCheckpoint,
  Submitter,
  Witness,
  type WitnessTarget,
} from '../witness/index.ts';
import type { ShownFeed } from './own-feed.ts';
import type { Reporter } from './report.ts';
import { type RosterEntry, rosterOf } from './witness-roster.ts';

/** Rows read before the index of cosignatures is written, when it is behind the ledger. */
const CATCH_UP_BATCH = 512;
/** One carrier; then the next is tried. */
const CARRIER_TIMEOUT_MS = 3_000;

/** How one member can be asked, best first. */
export type Carrier = (body: string, options: { readonly signal: AbortSignal }) => Promise<WitnessAnswer>;

export interface WitnessingParts {
  readonly federation: FederationId;
  readonly signer: Signer;
  readonly file: WitnessFile;
  readonly known: KnownCosignatures;
  readonly feed: ShownFeed;
  /** In force. */
  charter(): CharterDocument;
  /** Whether a charter in force names this key, or has named it. */
  knows(key: MemberKey): boolean;
  /** Whether this node's own feed is complete, so that it may speak and cosign. */
  isConfirmed(): boolean;
  /** Of a member's node. */
  carriersTo(member: MemberKey): Iterable<Carrier>;
  publish(kind: string, body: PlainObject): Promise<void>;
  readonly report: Reporter;
}

/** The node among witnesses: it asks them, it is one where the charter says so, and both are published. */
export class Witnessing implements AsyncDisposable {
  readonly #parts: WitnessingParts;
  readonly #witness: Witness;
  readonly #submitter: Submitter;
  readonly #publisher: CosignaturePublisher;
  /** Feeds of charters, of which this node has published a proof since it started. */
  readonly #denounced = new Set<MemberKey>();

  constructor(parts: WitnessingParts) {
    const { federation, signer, file, feed, report } = parts;
    this.#parts = parts;
    this.#publisher = new CosignaturePublisher({
      outbox: file,
      publish: (body) => parts.publish('cosignatures/1', body),
      onFault: (error) => report('witness.not-published', { detail: messageOf(error) }),
    });
    this.#witness = new Witness({
      federation,
      signer,
      memory: file,
      clock: { now: () => Date.now() },
      knows: (key) => parts.knows(key),
      onCosigned: () => this.#publisher.ring(),
      onConflict: (conflict) => this.denounce(conflict),
    });
    this.#submitter = new Submitter({
      federation,
      feed,
      targets: () => this.#targets(),
      memory: file,
      ed25519: signer.ed25519,
      onSubmission: ({ witness, outcome, size, status }) => {
        if (outcome !== 'cosigned' && outcome !== 'stale')
          report('witness.not-cosigned', { witness, outcome, size, status: status ?? 'none' });
      },
      onCosigned: () => this.#publisher.ring(),
      onFault: (error) => report('witness.failed', { detail: messageOf(error) }),
    });
  }

  /** Reads what the ledger has that the index has not. */
  open(rows: (afterCursor: number) => Iterable<LedgerRow>): void {
    let batch: CosignedRow[] = [];
    let count = 0;
    let last = this.#parts.known.processed();
    for (const { cursor, wire } of rows(last)) {
      batch.push(...this.#learn(readStored(wire, nativeSha256)));
      last = cursor;
      count += 1;
      if (count % CATCH_UP_BATCH !== 0) continue;
      this.#parts.known.append(batch, last);
      batch = [];
    }
    this.#parts.known.append(batch, last);
  }

  /** The node may speak: publishes what waits, and shows our head to whoever has not seen it. */
  speak(): void {
    this.#publisher.ring();
    this.#submitter.grown();
  }

  /** Told of each batch that the ledger has made durable. */
  take(rows: readonly { readonly cursor: number; readonly message: Message }[]): void {
    const cosigned = rows.flatMap(({ message }) => this.#learn(message));
    const last = rows.at(-1);
    if (last !== undefined) {
      try {
        this.#parts.known.append(cosigned, last.cursor);
      } catch (error) {
        // derivable: read again from the ledger at the next start
        this.#parts.report('witness.not-indexed', { detail: messageOf(error) });
      }
    }
    const grown = rows.filter(({ message }) => this.#parts.feed.take(message));
    if (grown.length > 0) this.#submitter.grown();
  }

  /** A peer has come, or another charter: there may be witnesses that have not been asked. */
  retry(): void {
    this.#submitter.retry();
  }

  /** As a witness, on any carrier; null where the charter in force does not make this node one. */
  addCheckpoint(body: Uint8Array): WitnessAnswer | null {
    if (!this.#isWitness()) return null;
    if (!this.#parts.isConfirmed()) {
      // what it cosigned before a backup may not have come back to it yet
      return { status: 503, contentType: 'text/plain; charset=utf-8', body: 'feed-unconfirmed\n' };
    }
    return this.#witness.addCheckpoint(body);
  }

  state(): NodeStatus['witnessing'] {
    const { file, feed } = this.#parts;
    return {
      isWitness: this.#isWitness(),
      shown: feed.head()?.size ?? 0,
      cosigned: this.#others().map(({ name, key }) => ({
        witness: name,
        size: file.submitted(feed.key, key),
      })),
    };
  }

  #isWitness(): boolean {
    const own = this.#parts.charter().members.find(({ keys }) => keys.signing === this.#parts.feed.key);
    return own?.roles.includes('witness') ?? false;
  }

  /** spec 14-witnesses §1.6: nobody vouches for a feed of its own. */
  #others(): RosterEntry[] {
    const { federation, feed } = this.#parts;
    return rosterOf(federation, this.#parts.charter()).filter(({ key }) => key !== feed.key);
  }

  /** None before our own feed is confirmed: what an old copy of it shows is not its head. */
  #targets(): WitnessTarget[] {
    if (!this.#parts.isConfirmed()) return [];
    return this.#others().map(({ key, noteKey, url }) => ({
      witness: key,
      noteKey,
      publishes: url === null,
      ask: (body, options) => this.#ask(key, url, body, options),
    }));
  }

  /** One carrier after another, until one answers. */
  async #ask(key: MemberKey, url: string | null, body: string, { signal }: { readonly signal: AbortSignal }) {
    if (url !== null) return postCheckpoint(url, body, { signal });
    let failure: unknown = new OversightError('peer-failed', `no carrier leads to ${key}`);
    for (const carrier of this.#parts.carriersTo(key)) {
      try {
        return await carrier(body, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(CARRIER_TIMEOUT_MS)]),
        });
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** The cosignatures that a message tells of. What this node said itself as a witness, it remembers again. */
  #learn(message: Message): CosignedRow[] {
    if (!isKind(message, 'cosignatures/1')) return [];
    const rows = message.body.entries.map((entry) => ({
      feed: entry.feed,
      size: entry.size,
      root: bytesOf(entry.root),
      head: bytesOf(entry.head),
      witness: entry.witness,
      time: entry.time,
      signature: bytesOf(entry.signature),
    }));
    const self = this.#parts.feed.key;
    if (message.author === self) {
      for (const row of rows) if (row.witness === self) this.#parts.file.remember(row);
    }
    return rows;
  }

  /** Publishes the proof that a feed's author has signed two heads of one size. spec 14-witnesses §3.10 */
  denounce({ feed, heads: [known, shown] }: Conflict): void {
    const headOf = ({ size, root, signature }: Conflict['heads'][number]) => ({
      size,
      root: toBase64(root),
      signature: toBase64(signature),
    });
    // one proof is enough, and a liar could ask for many
    if (this.#denounced.has(feed)) return;
    this.#denounced.add(feed);
    const body = { feed, heads: [headOf(known), headOf(shown)] } satisfies ForkProofBody;
    this.#parts.report('witness.fork-shown', { feed, size: known.size });
    this.#parts.publish('fork-proof/1', body).catch((error: unknown) => {
      this.#denounced.delete(feed);
      this.#parts.report('witness.failed', { detail: messageOf(error) });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#submitter[Symbol.asyncDispose]();
    await this.#publisher[Symbol.asyncDispose]();
  }
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (bytes === null) throw new TypeError('an entry that is not canonical base64'); // its schema has looked
  return bytes;
}
