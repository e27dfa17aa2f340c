import type { ContentId } from '../../../protocols/base/ids.ts';
import { BlobServer, EmbeddedStore } from '../../../services/checkpoints/index.ts';
import type { BlockReader } from '../../../services/checkpoints/store.ts';
import { Libp2pHost } from '../../../services/network/index.ts';
import { serveStore } from '../../support/checkpoints/served-store.ts';

/** What it serves, and where. Printed as a line of JSON. */
export interface Serving {
  readonly cid: string;
  readonly gateway: string;
  readonly libp2p: readonly string[];
}

export interface ServingOptions {
  readonly home: string;
  readonly directory: string;
  readonly gatewayPort: number;
  readonly libp2pPort: number;
  /** Of so many leaves one is spoilt; 0: none. */
  readonly spoilsOneIn: number;
}

/** Publishes a directory by both carriers until it is killed; after that, from what its store still knows. */
const options = JSON.parse(process.argv[2] ?? '') as ServingOptions;
const { signal } = new AbortController();
const store = await EmbeddedStore.open(options.home);
const [known] = await store.list();
const { cid } = known ?? (await store.add(options.directory, { signal }));
const served = options.spoilsOneIn === 0 ? store : spoiling(store, options.spoilsOneIn);
const host = await Libp2pHost.start(
  {
    seed: new Uint8Array(32).fill(1 + (options.libp2pPort % 250)),
    federation: 'bafyreifaults',
    admits: () => true,
    listen: [`/ip4/127.0.0.1/tcp/${options.libp2pPort}`],
  },
  { signal },
);
await BlobServer.start(host, served);
const { url } = await serveStore(served, options.gatewayPort);
process.stdout.write(
  `${JSON.stringify({ cid, gateway: url, libp2p: host.addresses() } satisfies Serving)}\n`,
);

/** Of every so many leaves, the middle one has a bit turned over. */
function spoiling(from: EmbeddedStore, oneIn: number): BlockReader {
  let leaves = 0;
  return {
    hasBlock: (id) => from.hasBlock(id),
    async block(id: ContentId) {
      const bytes = await from.block(id);
      if (bytes === null || !id.startsWith('bafkrei') || ++leaves % oneIn !== Math.floor(oneIn / 2))
        return bytes;
      const spoilt = Uint8Array.from(bytes);
      spoilt[leaves % spoilt.length] = (spoilt[leaves % spoilt.length] ?? 0) ^ 1;
      return spoilt;
    },
  };
}
