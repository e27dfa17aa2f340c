import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { readHome } from '../../services/node/home.ts';
import { letHeapGrow, startNode } from '../../services/node/index.ts';
import { peakMemoryMB } from './peak-memory.ts';

/** How often the ledger is looked at, in ms. */
const LOOK_MS = 10;
const PATIENCE_MS = 60_000;

/**
 * A node in a process of its own. `serve <home>`: prints its URL and runs until it is killed.
 * `fetch <home> <count>`: holds this many messages of others, prints FetchFigures as JSON, and runs until its input ends.
 */
export interface FetchFigures {
  /** From the start of the node until the messages are committed. */
  readonly ms: number;
  readonly peakMemoryMB: number;
  readonly messages: number;
  readonly recordDigest: string;
}

const [role, home, count] = process.argv.slice(2);
if (home === undefined) throw new Error('which home?');
letHeapGrow();
const stop = new AbortController();
const options = { version: '0.0.0', signal: stop.signal, report: () => {} };
if (role === 'serve') {
  const node = await startNode(home, options);
  process.stdout.write(`${node.url}\n`);
} else {
  process.stdout.write(`${JSON.stringify(await fetchAll(home, Number(count)))}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  process.exit(0);
}

async function fetchAll(home: string, count: number): Promise<FetchFigures> {
  const { paths } = await readHome(home);
  const start = performance.now();
  const node = await startNode(home, options);
  using ledger = new DatabaseSync(paths.ledger, { readOnly: true });
  await untilHeld(ledger, count);
  const ms = performance.now() - start;
  const peak = peakMemoryMB();
  // both nodes introduce themselves with two messages each
  await untilHeld(ledger, count + 4);
  const { messages, recordDigest } = node.status();
  return { ms, peakMemoryMB: peak, messages, recordDigest };
}

/** Asks the file, since the node's own account of itself would take it from its work. */
async function untilHeld(ledger: DatabaseSync, count: number): Promise<void> {
  const newest = ledger.prepare('SELECT max(cursor) AS cursor FROM message');
  const end = performance.now() + PATIENCE_MS;
  while (((newest.get() as { cursor: number | null }).cursor ?? 0) < count) {
    if (performance.now() > end) throw new Error(`${count} messages did not come`);
    await delay(LOOK_MS);
  }
}
