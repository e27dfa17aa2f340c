import { utf8 } from '../base/bytes.ts';
import type { FederationId, MemberKey } from '../base/ids.ts';
import { accept, refuse } from '../base/result.ts';
import { checkpointNote, encodeEntryBundle, type Head, TILE_WIDTH, type TileName } from '../feed/index.ts';
import type { Answer, AuditSource, ListedFeed, ListedRecord, SourceFault } from './source.ts';

/** A feed whose messages are at hand. */
export interface HeldWires {
  readonly feed: MemberKey;
  readonly size: number;
  readonly head: Head | null;
  /** Messages with from <= sequence < to; fewer where they are missing. */
  wires(from: number, to: number): readonly Uint8Array[];
  /** Null where it is missing. */
  evidence(): readonly Uint8Array[] | null;
}

export interface WiresOptions {
  /** Why messages that a feed should have are not there. Default `absent`. */
  readonly missing?: SourceFault;
  /** Lets others have their turn: all else is done in one go. Default: nobody else waits. */
  readonly pause?: () => Promise<void>;
}

/** Messages that lie in a file on this machine. It tells no record and has no tiles: they are for those who serve. */
export class WiresSource implements AuditSource {
  readonly #federation: FederationId;
  readonly #charter: unknown;
  readonly #feeds: ReadonlyMap<MemberKey, HeldWires>;
  readonly #missing: SourceFault;
  readonly #pause: () => Promise<void>;

  constructor(
    { federation, charter }: { readonly federation: FederationId; readonly charter: unknown },
    feeds: readonly HeldWires[],
    { missing = 'absent', pause = async () => {} }: WiresOptions = {},
  ) {
    this.#federation = federation;
    this.#charter = charter;
    this.#feeds = new Map(feeds.map((each) => [each.feed, each]));
    this.#missing = missing;
    this.#pause = pause;
  }

  async charters(): Promise<Answer<readonly unknown[]>> {
    return accept([this.#charter]);
  }

  async feeds(): Promise<Answer<readonly ListedFeed[]>> {
    return accept([...this.#feeds.values()].map(({ feed, size }) => ({ feed, size })));
  }

  async checkpoint(feed: MemberKey): Promise<Answer<Uint8Array>> {
    const head = this.#feeds.get(feed)?.head ?? null;
    return head === null ? refuse('absent', 'no head') : accept(utf8(checkpointNote(head, this.#federation)));
  }

  async tile(feed: MemberKey, { level, index, width }: TileName): Promise<Answer<Uint8Array>> {
    if (level !== 'entries') return refuse('not-offered', 'no tiles');
    await this.#pause();
    const from = index * TILE_WIDTH;
    const wires = this.#feeds.get(feed)?.wires(from, from + width) ?? [];
    return wires.length === width
      ? accept(encodeEntryBundle(wires))
      : refuse(this.#missing, 'not all of them');
  }

  async evidence(feed: MemberKey): Promise<Answer<readonly Uint8Array[]>> {
    const held = this.#feeds.get(feed);
    const wires = held === undefined ? [] : held.evidence();
    return wires === null ? refuse(this.#missing, 'not all of it') : accept(wires);
  }

  async record(): Promise<Answer<ListedRecord>> {
    return refuse('not-offered', 'no record');
  }

  async block(): Promise<Answer<Uint8Array>> {
    return refuse('not-offered', 'no content');
  }
}
