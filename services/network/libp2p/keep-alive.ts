import { setTimeout as delay } from 'node:timers/promises';

const PING_INTERVAL_MS = 15_000;
/** Generous: a saturated link answers late, and cutting it for that loses messages. */
const PING_TIMEOUT_MS = 30_000;
/** Pings in a row without an answer before a connection counts as dead. */
const PING_FAILURES_LIMIT = 3;

export interface KeepAlivePort {
  connectedPeerIds(): readonly string[];
  ping(peerId: string, options: { readonly signal: AbortSignal }): Promise<void>;
  disconnect(peerId: string): Promise<void>;
}

/** Pings every peer so that idle paths stay open, and closes those that stopped answering. Resolves once the signal fires. */
export async function keepAlive(
  port: KeepAlivePort,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options;
  const failures = new Map<string, number>();
  const probe = async (peerId: string) => {
    try {
      await port.ping(peerId, { signal: AbortSignal.any([signal, AbortSignal.timeout(PING_TIMEOUT_MS)]) });
      failures.delete(peerId);
    } catch {
      if (signal.aborted) return;
      const count = (failures.get(peerId) ?? 0) + 1;
      failures.set(peerId, count);
      if (count < PING_FAILURES_LIMIT) return;
      failures.delete(peerId);
      await port.disconnect(peerId);
    }
  };
  while (!signal.aborted) {
    await delay(PING_INTERVAL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const peers = port.connectedPeerIds();
    for (const known of failures.keys()) if (!peers.includes(known)) failures.delete(known);
    await Promise.all(peers.map(probe));
  }
}
