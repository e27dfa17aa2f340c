import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { surveyDirectory } from '../../../services/checkpoints/index.ts';
import { writeSynthetic } from '../../bench/checkpoints-parts/synthetic.ts';
import { steadyPort } from '../../support/steady-port.ts';
import { Child } from './child.ts';
import type { FetchingOptions, Told } from './fetching-process.ts';
import type { Serving, ServingOptions } from './serving-process.ts';

export interface KilledFetchOptions {
  /** Empty; all is written below it. */
  readonly folder: string;
  readonly mebibytes: number;
  /** SIGKILLs, of the reader and the honest server in turn; the last one of the reader, as it finishes. */
  readonly kills: number;
  /** Of the other server's leaves one in so many is spoilt. */
  readonly spoilsOneIn: number;
  /** Slows the reader, so that the kills find it at work; 0: as fast as it goes. */
  readonly bytesPerSecond: number;
  readonly onKill?: (line: string) => void;
}

export interface KilledFetch {
  readonly readerKills: number;
  readonly serverKills: number;
  /** Bytes that a reader had written before it was killed and the next did not find. */
  readonly lostBytes: number;
  /** Times that a model stood among the whole ones and was not. */
  readonly shownEarly: number;
  /** Who was left alone for spoilt blocks. */
  readonly liars: ReadonlySet<string>;
  readonly liesMet: number;
  readonly spoiler: string;
}

const SHARDS = 4;

/** A fetch of one model from an honest server that is killed and one that spoils blocks, by a reader that is killed. */
export async function runKilledFetch(options: KilledFetchOptions): Promise<KilledFetch> {
  const { folder, mebibytes, kills, spoilsOneIn, bytesPerSecond, onKill = () => undefined } = options;
  const { signal } = new AbortController();
  const directory = join(folder, 'model');
  const readerHome = join(folder, 'reader');
  await writeSynthetic(directory, SHARDS, (mebibytes * 1_048_576) / SHARDS);
  const taken = new Set<number>();
  const serve = async (name: string, oneIn: number): Promise<ServingOptions> => ({
    home: join(folder, name),
    directory,
    gatewayPort: await steadyPort(taken),
    libp2pPort: await steadyPort(taken),
    spoilsOneIn: oneIn,
  });
  const honest = await Server.start(await serve('honest', 0));
  const spoiler = await Server.start(await serve('spoiler', spoilsOneIn));
  const from = [honest.serving, spoiler.serving];
  const read = () =>
    new Child<Told>('./fetching-process.ts', {
      home: readerHome,
      from,
      bytesPerSecond,
    } satisfies FetchingOptions);

  const killed = { reader: 0, server: 0 };
  const liars: string[] = [];
  let lostBytes = 0;
  let shownEarly = 0;
  let most = 0;
  let done = false;
  try {
    while (!done) {
      await using reader = read();
      let first = true;
      let wasKilled = false;
      for await (const told of reader.lines) {
        if ('fault' in told && told.fault.code === 'block-wrong') liars.push(told.fault.source);
        if ('done' in told) done = true;
        if (!('bytesDone' in told)) continue;
        if (first) lostBytes += Math.max(0, most - told.bytesDone);
        first = false;
        most = Math.max(most, told.bytesDone);
        const count = killed.reader + killed.server;
        const isLast = count === kills - 1;
        const dueBytes = isLast ? told.bytesTotal : (told.bytesTotal * (count + 1)) / (kills + 1);
        if (count >= kills || told.bytesDone < dueBytes) continue;
        const who = isLast || count % 2 === 0 ? 'reader' : 'server';
        killed[who]++;
        onKill(`${count + 1} of ${kills}: the ${who}, at ${told.bytesDone} of ${told.bytesTotal} bytes`);
        if (who === 'server') await honest.killAndRestart();
        else {
          wasKilled = true;
          await reader.kill(); // its lines end
        }
      }
      if (!done && !wasKilled) throw new Error('the reader ended by itself');
      for (const shown of await readdir(join(readerHome, 'files')))
        if ((await surveyDirectory(join(readerHome, 'files', shown), { signal })).cid !== shown) shownEarly++;
    }
  } finally {
    await honest[Symbol.asyncDispose]();
    await spoiler[Symbol.asyncDispose]();
  }
  return {
    readerKills: killed.reader,
    serverKills: killed.server,
    lostBytes,
    shownEarly,
    liars: new Set(liars),
    liesMet: liars.length,
    spoiler: new URL(spoiler.serving.gateway).host,
  };
}

/** A server that comes back at the same addresses. */
class Server implements AsyncDisposable {
  readonly serving: Serving;
  readonly #options: ServingOptions;
  #child: Child<Serving>;

  private constructor(options: ServingOptions, child: Child<Serving>, serving: Serving) {
    this.#options = options;
    this.#child = child;
    this.serving = serving;
  }

  static async start(options: ServingOptions): Promise<Server> {
    const child = new Child<Serving>('./serving-process.ts', options);
    return new Server(options, child, await firstOf(child));
  }

  async killAndRestart(): Promise<void> {
    await this.#child.kill();
    this.#child = new Child<Serving>('./serving-process.ts', this.#options);
    await firstOf(this.#child);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

async function firstOf(child: Child<Serving>): Promise<Serving> {
  for await (const serving of child.lines) return serving;
  throw new Error('a server ended before it served');
}
