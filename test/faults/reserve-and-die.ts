import { writeSync } from 'node:fs';
import { documentCid } from '../../protocols/codec/cid.ts';
import { deriveKey } from '../../protocols/identity/derive.ts';
import { signingPublicKey } from '../../protocols/identity/ed25519.ts';
import { SIGNATURE_DOMAIN } from '../../protocols/message/index.ts';
import { RecordFold } from '../../protocols/record/index.ts';
import { nativeEd25519 } from '../../services/keys/index.ts';
import { Ledger, ProcessLock } from '../../services/ledger/index.ts';
import { Author } from '../../services/node/author.ts';
import { readHome } from '../../services/node/home.ts';

/**
 * Writes one message as the node of this home does, and is killed at the moment it would sign: the sequence is reserved,
 * the signature does not exist. Prints the id that the message will have. Arguments: the home, a text for the message.
 */
const [home, note] = process.argv.slice(2) as [string, string];
const { charter, paths, seed } = await readHome(home);
const signingSeed = deriveKey(seed, 'signing');
new ProcessLock(paths.lock); // released by the kill, as a node's own
const author = new Author(
  new RecordFold(charter),
  new Ledger(paths.ledger),
  {
    seed: signingSeed,
    publicKey: signingPublicKey(signingSeed),
    ed25519: {
      ...nativeEd25519(),
      sign(_seed, message) {
        writeSync(1, documentCid(message.subarray(SIGNATURE_DOMAIN.length)).toString());
        process.kill(process.pid, 'SIGKILL');
        throw new Error('killed'); // not reached
      },
    },
  },
  { now: () => Date.now() },
  () => {},
);
await author.write('something-new/2', { reserved: note });
