import { once } from 'node:events';
import { OversightError } from '../../../protocols/base/errors.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { Author, charterOf } from '../../support/federation.ts';

/**
 * Appends messages to a ledger, a few at a time, and prints `ok <id>` once each is acknowledged. When the ledger
 * refuses, prints `failed <code>`, waits for a line on standard input and tries the same messages again.
 * Arguments: the ledger's path, the author's name, how many messages.
 */
const [path, name, count] = process.argv.slice(2) as [string, string, string];
const ledger = new Ledger(path);
const author = new Author(name, charterOf().id);

for (let n = 0; n < Number(count); ) {
  const group = Array.from({ length: 1 + (n % 7) }, () =>
    author.say('something-new/2', { n: n++, padding: 'x'.repeat(2_000) }),
  );
  let waiting = group;
  while (waiting.length > 0) {
    const results = await Promise.allSettled(
      waiting.map(async (message) => {
        await ledger.append(message, 1);
        process.stdout.write(`ok ${message.id}\n`);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    waiting = waiting.filter((_, i) => results[i]?.status === 'rejected');
    if (failed !== undefined) {
      process.stdout.write(
        `failed ${failed.reason instanceof OversightError ? failed.reason.code : String(failed.reason)}\n`,
      );
      await once(process.stdin, 'data');
    }
  }
}
process.stdin.destroy();
