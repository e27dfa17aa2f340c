import { EmbeddedStore, fetchDirectory, parseContentId } from '../../../services/checkpoints/index.ts';
import { StoreSource } from '../../support/checkpoints/store-source.ts';

/** Fetches from the store in one folder into a store in another and says after each block that another has come. */
const [published, origin, home, cidText] = process.argv.slice(2) as [string, string, string, string];
const signal = new AbortController().signal;
await using from = await EmbeddedStore.open(origin);
await from.add(published, { signal });
await using to = await EmbeddedStore.open(home);
const cid = parseContentId(cidText);
if (cid === null) throw new Error('not a CID');
await fetchDirectory(to, [new StoreSource('whole', from)], cid, {
  signal,
  limits: { bytes: 1e9 },
  onProgress: ({ bytesDone }) => process.stdout.write(`${bytesDone}\n`),
});
process.stdout.write('done\n');
