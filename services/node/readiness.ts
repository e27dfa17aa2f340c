import type { ReadinessCheck } from '../gateway/index.ts';
import type { Company } from './company.ts';
import { type Observed, ownFeedOf } from './status.ts';
import type { StorageProbe } from './storage-probe.ts';

/** The parts of a node that its readiness is seen in. */
export interface Checked extends Observed {
  readonly isStored: boolean;
  readonly storage: StorageProbe;
  readonly alone: Pick<Company, 'sinceMs'>;
}

/**
 * What must hold for the node to do its work. While the ledger is read, before this can be asked, the gateway does not
 * listen.
 */
export async function readinessOf(node: Checked): Promise<readonly ReadinessCheck[]> {
  const { state } = ownFeedOf(node);
  const { peersWithinMs } = node.home.config.gateway;
  const aloneMs = node.alone.sinceMs();
  return [
    { name: 'storage', ...(await node.storage.look()) },
    {
      name: 'events',
      ok: node.isStored,
      says: node.isStored ? 'all events are stored' : 'events wait to be stored',
    },
    { name: 'own-feed', ok: state === 'confirmed', says: `the own feed is ${state}` },
    {
      name: 'peers',
      ok: peersWithinMs === null || aloneMs === null || aloneMs < peersWithinMs,
      says:
        aloneMs === null ? 'neighbours are connected' : `no neighbour for ${Math.floor(aloneMs / 1_000)} s`,
    },
  ];
}
