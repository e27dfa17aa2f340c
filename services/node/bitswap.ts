import { concatBytes, utf8 } from '../../protocols/base/bytes.ts';
import { deriveKey } from '../../protocols/identity/derive.ts';
import { BitswapServer, type BlockReader, type Pace } from '../checkpoints/index.ts';
import { nativeSha256 } from '../keys/index.ts';
import { OpenHost } from '../network/index.ts';
import type { ContentConfig } from './content-config.ts';
import type { Reporter } from './report.ts';

/**
 * Bitswap for anyone who asks, where the configuration says so: a host of its own, whose key follows from the node's
 * and stays the same. What is opened goes onto the stack.
 */
export async function openBitswap(
  { listen }: NonNullable<ContentConfig['bitswap']>,
  seed: Uint8Array,
  store: BlockReader,
  pace: Pace | null,
  report: Reporter,
  stack: AsyncDisposableStack,
): Promise<void> {
  const key = nativeSha256(concatBytes(deriveKey(seed, 'libp2p'), utf8('bitswap')));
  const host = stack.use(await OpenHost.start({ seed: key, listen }));
  stack.use(await BitswapServer.start(host, store, pace === null ? {} : { pace }));
  for (const address of host.addresses()) report('content.bitswap', { address });
}
