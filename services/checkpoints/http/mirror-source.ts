import type { ContentId } from '../../../protocols/base/ids.ts';
import type { Layout } from '../store.ts';
import { exchangeHere, type OpenExchange } from './http-exchange.ts';
import { type BlockRequest, HttpSource, LANES } from './http-source.ts';
import { webAddress } from './web-address.ts';

/** A model hub sends its readers on to a content network, once or twice. */
const REDIRECTS = 3;

interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** The leaf is all of its file. */
  readonly isWhole: boolean;
}

/**
 * The files of one directory on a web server that knows nothing of IPFS: it gives the leaves, as ranges of bytes, once
 * other sources have given the nodes that say where they lie.
 */
export class MirrorSource extends HttpSource {
  readonly #places = new Map<ContentId, Place>();

  /** @param url of the directory */
  constructor(url: URL, open: OpenExchange = exchangeHere) {
    const name = `mirror:${url.host}${url.pathname}`;
    super(name, open(name, url, { connections: LANES, redirects: REDIRECTS }));
  }

  learn({ files }: Layout): void {
    for (const { path, sizeBytes, leaves } of files)
      for (const { cid, offset, length } of leaves)
        this.#places.set(cid, { path, offset, length, isWhole: length === sizeBytes });
  }

  protected requestFor(cid: ContentId): BlockRequest | null {
    const place = this.#places.get(cid);
    if (place === undefined) return null;
    const { path, offset, length, isWhole } = place;
    return {
      path: path.split('/').map(encodeURIComponent).join('/'),
      headers: isWhole ? {} : { range: `bytes=${offset}-${offset + length - 1}` },
      expect: isWhole ? 200 : 206,
      limitBytes: length,
    };
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
