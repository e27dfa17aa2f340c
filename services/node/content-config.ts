import { z } from 'zod';
import { contentId } from '../../protocols/kinds/index.ts';

const MIB = 1_048_576;
const SOURCES_LIMIT = 16;

const webFolder = z.url({ protocol: /^https?$/ });
/** Less than 1 MiB a second would make single blocks so slow that the other side gives up. */
const bandwidth = z.int().min(MIB).nullable().default(null);

/** `content` in `config.json`: where content comes from beside the members, and what it may cost. */
export const contentConfig = z.strictObject({
  /** Bytes of fetched files that are kept; null: what the disk holds. */
  limitBytes: z.int().min(1).nullable().default(null),
  /** Of all fetches together; null: what the network gives. */
  fetchBytesPerSecond: bandwidth,
  /** Of all that is served together, to peers and over HTTP. */
  serveBytesPerSecond: bandwidth,
  /** A libp2p host beside the members', where anyone takes by Bitswap what this node holds. Multiaddrs. */
  bitswap: z
    .strictObject({ listen: z.array(z.string()).min(1) })
    .nullable()
    .default(null),
  /** Trustless IPFS gateways, without `/ipfs/`. */
  gateways: z.array(webFolder).max(SOURCES_LIMIT).default([]),
  /** Web servers that have a directory's files: at `url` where `cid` says which directory, else each at `url`/<cid>/. */
  mirrors: z
    .array(z.strictObject({ url: webFolder, cid: contentId.optional() }))
    .max(SOURCES_LIMIT)
    .default([]),
});
export type ContentConfig = z.infer<typeof contentConfig>;
