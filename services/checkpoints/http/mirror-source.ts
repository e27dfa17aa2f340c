import type { ContentId } from '../../../protocols/base/ids.ts';
import { isLeafId, type VerifiedBlock, verifyBlock } from '../block.ts';
import { type BlockSource, SourceError } from '../fetch/block-source.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import type { Layout } from '../store.ts';
import { LEAF_BYTES } from '../unixfs/profile.ts';
import { type Exchange, exchangeHere, type OpenExchange } from './http-exchange.ts';
import { webAddress } from './web-address.ts';

/** Requests at once: each is one leaf, so this hides a round trip of 60 ms at 100 MB/s. */
const LANES = 6;
/** A model hub sends its readers on to a content network, once or twice. */
const REDIRECTS = 3;

interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** The leaf is all of its file. */
  readonly isWhole: boolean;
}

interface Waiting {
  readonly signal: AbortSignal;
}

/**
 * The files of one directory on a web server that knows nothing of IPFS: it gives the leaves, as ranges of bytes, once
 * other sources have given the nodes that say where they lie. Nothing it says is trusted.
 */
export class MirrorSource implements BlockSource {
  readonly name: string;
  readonly lanes = LANES;
  readonly #exchange: Exchange;
  readonly #buffers = new SpareBuffers(LEAF_BYTES, LANES);
  readonly #places = new Map<ContentId, Place>();

  /** @param url of the directory */
  constructor(url: URL, open: OpenExchange = exchangeHere) {
    this.name = `mirror:${url.host}${url.pathname}`;
    this.#exchange = open(this.name, url, { connections: LANES, redirects: REDIRECTS });
  }

  learn({ files }: Layout): void {
    for (const { path, sizeBytes, leaves } of files)
      for (const { cid, offset, length } of leaves)
        this.#places.set(cid, { path, offset, length, isWhole: length === sizeBytes });
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
    const place = this.#places.get(cid);
    if (place === undefined) return null;
    const { path, offset, length, isWhole } = place;
    const bytes = await this.#exchange.get({
      path: path.split('/').map(encodeURIComponent).join('/'),
      headers: isWhole ? {} : { range: `bytes=${offset}-${offset + length - 1}` },
      expect: isWhole ? 200 : 206,
      limitBytes: length,
      into,
      signal,
    });
    if (bytes === null) return null;
    const block = verifyBlock(cid, bytes);
    if (!block.ok) throw new SourceError('block-wrong', `${this.name}: ${path}: ${block.detail}`);
    return block.value;
  }
}

/** A mirror in the configuration: of one directory, or of many that stand below it by their CIDs. */
export interface Mirror {
  readonly url: string;
  readonly cid?: ContentId | undefined;
}

/** The source that this mirror is for a directory; null when it has others. @throws RangeError for no web address */
export function mirrorSource(
  { url, cid }: Mirror,
  directory: ContentId,
  open?: OpenExchange,
): MirrorSource | null {
  if (cid !== undefined && cid !== directory) return null;
  const base = webAddress(url);
  if (base === null) throw new RangeError(`not a web address: ${url}`);
  return new MirrorSource(cid === undefined ? new URL(`${directory}/`, base) : base, open);
}
