import { setTimeout as delay } from 'node:timers/promises';
import { OversightError } from '../../../protocols/base/errors.ts';
import {
  type BlockSource,
  EmbeddedStore,
  fetchDirectory,
  gatewaySource,
  HttpThread,
  Pace,
  parseContentId,
  peerSources,
  type SourceFault,
} from '../../../services/checkpoints/index.ts';
import { Libp2pHost } from '../../../services/network/index.ts';
import type { Serving } from './serving-process.ts';

export interface FetchingOptions {
  readonly home: string;
  readonly from: readonly Serving[];
  /** 0: as fast as it goes. */
  readonly bytesPerSecond: number;
}

/** What it prints, a line of JSON each. */
export type Told =
  | { readonly bytesDone: number; readonly bytesTotal: number }
  | { readonly fault: SourceFault }
  | { readonly again: string }
  | { readonly done: string };

const AGAIN_MS = 100;

/** Fetches what others serve, over and over until it has it, as a node's jobs do. */
const options = JSON.parse(process.argv[2] ?? '') as FetchingOptions;
const { signal } = new AbortController();
const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);
await using host = await Libp2pHost.start(
  { seed: new Uint8Array(32).fill(255), federation: 'bafyreifaults', admits: () => true },
  { signal },
);
host.connect(options.from.flatMap(({ libp2p }) => libp2p));
await using thread = new HttpThread();
await using store = await EmbeddedStore.open(options.home);
const cid = parseContentId(options.from[0]?.cid ?? '');
if (cid === null) throw new Error('not a CID');
const pace = options.bytesPerSecond === 0 ? {} : { pace: new Pace(options.bytesPerSecond) };
for (;;) {
  try {
    const fetched = await fetchDirectory(store, sources(), cid, {
      signal,
      ...pace,
      limits: { bytes: Number.MAX_SAFE_INTEGER },
      onFault: (fault) => tell({ fault }),
      onProgress: (progress) => tell(progress),
    });
    if (!fetched.ok) throw new Error(fetched.detail);
    await store.verify(cid, { signal });
    tell({ done: cid });
    break;
  } catch (error) {
    if (!(error instanceof OversightError) || error.code !== 'blob-not-found') throw error;
    tell({ again: error.code }); // nobody is left who could have it; whoever was killed comes back
    await delay(AGAIN_MS);
  }
}

/** Each server by its gateway, and by libp2p instead where that is left alone. */
function sources(): readonly BlockSource[] {
  const gateways = options.from.map(({ gateway }) => gatewaySource(gateway, thread.open));
  const instead = new Map(
    options.from.map(({ libp2p }, i) => [libp2p[0]?.split('/').at(-1) ?? '', gateways[i]?.name ?? '']),
  );
  return [...gateways.filter((source) => source !== null), ...peerSources(host, instead)];
}
