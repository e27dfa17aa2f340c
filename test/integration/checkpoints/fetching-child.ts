import {
  type BlockSource,
  EmbeddedStore,
  fetchDirectory,
  parseContentId,
} from '../../../services/checkpoints/index.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

/** Longer than its parent leaves it alive. */
const STALL_MS = 60_000;

/**
 * Fetches from the store in one folder into a store in another and says after each block that another has come. It is
 * given so many leaves and no more: it cannot end before it is killed, however late that is.
 */
const [published, origin, home, cidText, leaves] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const signal = new AbortController().signal;
await using from = await EmbeddedStore.open(origin);
await from.add(published, { signal });
await using to = await EmbeddedStore.open(home);
const cid = parseContentId(cidText);
if (cid === null) throw new Error('not a CID');
const whole = new StoreSource('whole', from);
let left = Number(leaves);
const miser: BlockSource = {
  name: whole.name,
  has: (cids) => whole.has(cids),
  async *blocks(cids) {
    for await (const block of whole.blocks(cids)) {
      if (block.cid.startsWith('bafkrei') && left-- <= 0) await new Promise(() => undefined);
      yield block;
    }
  },
};
await fetchDirectory(to, [miser], cid, {
  signal,
  limits: { bytes: 1e9 },
  stallTimeoutMs: STALL_MS,
  onProgress: ({ bytesDone }) => process.stdout.write(`${bytesDone}\n`),
});
