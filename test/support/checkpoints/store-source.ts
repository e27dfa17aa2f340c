import type { ContentId } from '../../../protocols/base/ids.ts';
import {
  type BlockSource,
  SourceError,
  type VerifiedBlock,
  verifyBlock,
} from '../../../services/checkpoints/index.ts';
import type { BlockReader } from '../../../services/checkpoints/store.ts';

/** A store of the same process as a source; what `lacks` says it does not have. Counts what it gave. */
export class StoreSource implements BlockSource {
  readonly name: string;
  readonly given: ContentId[] = [];
  readonly #store: BlockReader;
  readonly #lacks: (cid: ContentId) => boolean;

  constructor(name: string, store: BlockReader, lacks: (cid: ContentId) => boolean = () => false) {
    this.name = name;
    this.#store = store;
    this.#lacks = lacks;
  }

  async has(cids: readonly ContentId[]): Promise<readonly boolean[]> {
    return Promise.all(cids.map(async (cid) => !this.#lacks(cid) && (await this.#store.hasBlock(cid))));
  }

  async *blocks(cids: readonly ContentId[]): AsyncIterable<VerifiedBlock> {
    for (const cid of cids) {
      const bytes = this.#lacks(cid) ? null : await this.#store.block(cid);
      if (bytes === null) continue;
      const block = verifyBlock(cid, bytes);
      if (!block.ok) throw new SourceError('block-wrong', block.detail);
      this.given.push(cid);
      yield block.value;
    }
  }
}
