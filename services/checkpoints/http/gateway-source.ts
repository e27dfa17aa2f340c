import type { ContentId } from '../../../protocols/base/ids.ts';
import { BLOCK_LIMIT_BYTES, isLeafId, type VerifiedBlock, verifyBlock } from '../block.ts';
import { type BlockSource, SourceError } from '../fetch/block-source.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import { type Exchange, exchangeHere, type OpenExchange } from './http-exchange.ts';
import { webAddress } from './web-address.ts';

const RAW_BLOCK = 'application/vnd.ipld.raw';
/** Requests at once: enough that the next leaf comes while others are hashed and written; each holds 1 MiB. */
const LANES = 6;

interface Waiting {
  readonly signal: AbortSignal;
}

/**
 * A trustless IPFS gateway as a source: another node's, or any that answers `/ipfs/<cid>?format=raw`. Nothing it says is
 * trusted. https://specs.ipfs.tech/http-gateways/trustless-gateway/
 */
export class GatewaySource implements BlockSource {
  readonly name: string;
  readonly lanes = LANES;
  readonly #exchange: Exchange;
  readonly #buffers = new SpareBuffers(BLOCK_LIMIT_BYTES, LANES);

  /** @param url of the gateway, without `/ipfs/` */
  constructor(url: URL, open: OpenExchange = exchangeHere) {
    this.name = `gateway:${url.host}`;
    this.#exchange = open(this.name, url, { connections: LANES });
  }

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
    const bytes = await this.#exchange.get({
      path: `ipfs/${cid}?format=raw`,
      headers: { accept: RAW_BLOCK },
      expect: 200,
      limitBytes: BLOCK_LIMIT_BYTES,
      into,
      signal,
    });
    if (bytes === null) return null;
    const block = verifyBlock(cid, bytes);
    if (!block.ok) throw new SourceError('block-wrong', `${this.name}: ${block.detail}`);
    return block.value;
  }
}

/** The source behind an address that a card or the configuration names; null for what is no web address. */
export function gatewaySource(address: string, open?: OpenExchange): GatewaySource | null {
  const url = webAddress(address);
  return url === null ? null : new GatewaySource(url, open);
}
