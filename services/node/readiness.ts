import { statfs } from 'node:fs/promises';
import type { ReadinessCheck } from '../gateway/index.ts';
import type { Company } from './company.ts';
import { type Observed, statusOf } from './status.ts';

/** Below this a batch of messages and its write-ahead log may no longer fit. */
const LEAST_FREE_BYTES = 64 * 1_048_576;

/** The parts of a node that its readiness is seen in. */
export interface Checked extends Observed {
  readonly isStored: boolean;
  readonly alone: Pick<Company, 'sinceMs'>;
}

/**
 * What must hold for the node to do its work. While the ledger is read, before this can be asked, the gateway does not
 * listen.
 */
export async function readinessOf(node: Checked): Promise<readonly ReadinessCheck[]> {
  const { state } = statusOf(node).ownFeed;
  const free = await freeBytes(node.home.paths.ledger);
  const { peersWithinMs } = node.home.config.gateway;
  const aloneMs = node.alone.sinceMs();
  return [
    {
      name: 'storage',
      ok: free >= LEAST_FREE_BYTES,
      says: `${Math.floor(free / 1_048_576)} MiB are free for the ledger`,
    },
    {
      name: 'events',
      ok: node.isStored,
      says: node.isStored ? 'all events are stored' : 'events wait for room on the disk',
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

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
