import { setImmediate } from 'node:timers/promises';
import { WiresSource } from '../../../protocols/audit/index.ts';

/** The files of a node's home, or a copy of them: its charter and its ledger, read while the node runs or not. */
export async function openHome(
  home: string,
  charterFile: string | undefined,
  stack: DisposableStack,
): Promise<WiresSource> {
  const { StoredFeeds } = await import('../../node/index.ts');
  const stored = stack.use(await StoredFeeds.open(home, charterFile));
  const { id: federation, document: charter } = stored.charter;
  const feeds = stored.feeds().map(({ author: feed, length: size, signed: head }) => ({
    feed,
    size,
    head,
    wires: (from: number, to: number) => stored.wires(feed, from, to),
    evidence: () => stored.evidence(feed),
  }));
  return new WiresSource({ federation, charter }, feeds, { pause: setImmediate });
}
