import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { signedParts, verifyBare } from './signed-parts.ts';

/** Says when it is ready, verifies when told to, and says when that is done; again each time. */
if (parentPort === null) throw new Error('not a thread');
const signed = signedParts(workerData as Uint8Array[]);
verifyBare(signed.slice(0, 500));
for (;;) {
  parentPort.postMessage('ready');
  await once(parentPort, 'message');
  verifyBare(signed);
}
