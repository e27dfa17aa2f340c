import { readStored } from '../../../protocols/message/index.ts';
import { RecordFold } from '../../../protocols/record/index.ts';
import { collectGarbage, EmbeddedStore, type Garbage } from '../../checkpoints/index.ts';
import { nativeSha256 } from '../../keys/index.ts';
import { ProcessLock } from '../../ledger/index.ts';
import { readHome } from '../home.ts';
import { StoredFeeds } from '../stored-feeds.ts';
import { OwnContent } from './own-content.ts';

/** Messages read at a time. */
const BATCH = 1_024;

/** Collects garbage in the home of a node that does not run. @throws OversightError `home-in-use`, `home-not-found`, … */
export async function collectHome(
  directory: string,
  options: { readonly signal: AbortSignal; readonly dryRun: boolean },
): Promise<readonly Garbage[]> {
  const { self, charter, paths } = await readHome(directory);
  using _lock = new ProcessLock(paths.lock);
  using feeds = await StoredFeeds.open(directory);
  const lengths = new Map(feeds.feeds().map(({ author, length }) => [author, length]));
  const fold = new RecordFold(charter, { sha256: nativeSha256 });
  for (const [author, length] of lengths) {
    for (let from = 0; from < length; from += BATCH)
      for (const wire of feeds.wires(author, from, from + BATCH)) fold.add(readStored(wire, nativeSha256));
  }
  const own = new OwnContent(
    {
      lengthOf: (author) => lengths.get(author) ?? 0,
      range: (author, from, to) => feeds.wires(author, from, to),
    },
    () => [...new Set([...fold.history().keysOf(self.name), self.keys.signing])],
  );
  await using store = await EmbeddedStore.open(paths.content);
  return await collectGarbage(store, { ...options, isKept: (cid) => own.keeps(cid, Date.now()) });
}
