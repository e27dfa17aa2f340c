import type { ContentId } from '../../../protocols/base/ids.ts';
import { BLOCK_LIMIT_BYTES, isLeafId, type VerifiedBlock, verifyBlock } from '../block.ts';
import { type BlockSource, SourceError } from '../fetch/block-source.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import type { Asked, Exchange } from './http-exchange.ts';

/**
 * Requests at once: enough that the next leaf comes while others are hashed and written, and to hide a round trip of
 * 60 ms at 100 MB/s. Each holds 1 MiB.
 */
export const LANES = 6;

interface Waiting {
  readonly signal: AbortSignal;
}

/** What asks for one block. */
export type BlockRequest = Omit<Asked, 'into' | 'signal'>;

/** A web server as a source of blocks, one request a block. Nothing it says is trusted. */
export abstract class HttpSource implements BlockSource {
  readonly name: string;
  readonly lanes = LANES;
  readonly #exchange: Exchange;
  readonly #buffers = new SpareBuffers(BLOCK_LIMIT_BYTES, LANES);

  constructor(name: string, exchange: Exchange) {
    this.name = name;
    this.#exchange = exchange;
  }

  /** Null for a block that this source is known not to have. */
  protected abstract requestFor(cid: ContentId): BlockRequest | null;

  async has(cids: readonly ContentId[], options: Waiting): Promise<readonly boolean[]> {
    const out: boolean[] = [];
    for (const cid of cids) out.push((await this.#block(cid, null, options)) !== null);
    return out;
  }

  async *blocks(cids: readonly ContentId[], options: Waiting): AsyncIterable<VerifiedBlock> {
    const buffer = this.#buffers.take();
    for (const cid of cids) {
      const block = await this.#block(cid, isLeafId(cid) ? buffer : null, options);
      if (block !== null) yield block;
    }
    this.#buffers.give(buffer); // not after a failure: more of the answer may come
  }

  async #block(cid: ContentId, into: Buffer | null, { signal }: Waiting): Promise<VerifiedBlock | null> {
    const request = this.requestFor(cid);
    if (request === null) return null;
    const bytes = await this.#exchange.get({ ...request, into, signal });
    if (bytes === null) return null;
    const block = verifyBlock(cid, bytes);
    if (!block.ok) throw new SourceError('block-wrong', `${this.name}: ${request.path}: ${block.detail}`);
    return block.value;
  }
}
