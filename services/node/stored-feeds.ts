import type { MemberKey } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { LedgerReader, type StoredFeed } from '../ledger/index.ts';
import { homePaths, readCharterFile } from './home.ts';

/** What the files of a home hold of a federation, for who wants to check it. Nothing is written, no seed is read. */
export class StoredFeeds implements Disposable {
  /** The first one. */
  readonly charter: Charter;
  readonly #ledger: LedgerReader;

  private constructor(charter: Charter, ledger: LedgerReader) {
    this.charter = charter;
    this.#ledger = ledger;
  }

  /** @param charterFile where the home's own is not there @throws OversightError `charter-not-found`, `charter-invalid`, `not-found`, `ledger-damaged`, `ledger-failed` */
  static async open(home: string, charterFile?: string): Promise<StoredFeeds> {
    const paths = homePaths(home);
    const charter = await readCharterFile(charterFile ?? paths.charter);
    return new StoredFeeds(charter, new LedgerReader(paths.ledger));
  }

  feeds(): readonly StoredFeed[] {
    return this.#ledger.feeds();
  }

  wires(feed: MemberKey, from: number, to: number): readonly Uint8Array[] {
    return this.#ledger.range(feed, from, to);
  }

  evidence(feed: MemberKey): readonly Uint8Array[] {
    return this.#ledger.evidence(feed);
  }

  [Symbol.dispose](): void {
    this.#ledger[Symbol.dispose]();
  }
}
