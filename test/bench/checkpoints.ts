import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { start } from './checkpoints-parts/child.ts';
import type { Published } from './checkpoints-parts/publisher.ts';
import type { Carriers } from './checkpoints-parts/reader.ts';
import { writeSynthetic } from './checkpoints-parts/synthetic.ts';
import { describeDevice, round } from './device.ts';
import { median } from './quantile.ts';

const run = promisify(execFile);
const SHARDS = 4;
const ROUNDS = 3;
const CARRIERS: readonly (Carriers | 'plain')[] = ['plain', 'both', 'gateway', 'libp2p'];
/** Of all shards together. The first argument, in MiB, makes a smaller trial of it. */
const BYTES = Number(process.argv[2] ?? 2_048) * 1_048_576;

interface Transfer {
  readonly seconds: number;
  readonly peakMemoryMB: number;
}

/** Prints one JSON object on stdout; README.md says what each figure means. Progress goes to stderr. */
const folder = await mkdtemp(join(tmpdir(), 'bench-checkpoints-'));
try {
  process.stdout.write(`${JSON.stringify(await measureCheckpoints(), null, 2)}\n`);
} catch (error) {
  process.stderr.write(`bench:checkpoints: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(); // children of a measurement that failed end with their input

async function measureCheckpoints() {
  const model = join(folder, 'model');
  await writeSynthetic(model, SHARDS, BYTES / SHARDS);
  const names = (await readdir(model)).sort();
  const paths = names.map((name) => join(model, name));
  const rate = (seconds: number) => BYTES / 1e6 / seconds;
  const adds: number[] = [];
  const sums: number[] = [];
  const opensslSums: number[] = [];
  const fetches: Record<Carriers | 'plain', Transfer[]> = { gateway: [], both: [], libp2p: [], plain: [] };
  const publisherPeaks: number[] = [];
  let overheadBytes = 0;
  await timed('sha256sum', paths); // brings the files into memory before anything is measured
  for (let turn = 0; turn < ROUNDS; turn++) {
    tell(`round ${turn + 1} of ${ROUNDS}: digests`);
    sums.push(await timed('sha256sum', paths));
    const home = await mkdtemp(join(folder, 'publisher-'));
    const publisher = await start<Published>('./publisher.ts', [home, model]);
    const published = publisher.ready;
    adds.push(published.addSeconds);
    overheadBytes = published.overheadBytes;
    sums.push(await timed('sha256sum', paths));
    opensslSums.push(await timed('openssl', ['dgst', '-sha256', ...paths]));
    const plainServer = await start<number>('./plain-server.ts', [model]);
    const order = turn % 2 === 0 ? CARRIERS : CARRIERS.toReversed();
    for (const carrier of order) {
      tell(`round ${turn + 1} of ${ROUNDS}: ${carrier}`);
      const to = join(folder, `reader-${carrier}`);
      await mkdir(to);
      const reader =
        carrier === 'plain'
          ? await start('./plain-reader.ts', [to, String(plainServer.ready), ...names])
          : await start('./reader.ts', [to, carrier, JSON.stringify(published)]);
      fetches[carrier].push(await reader.end<Transfer>());
      await rm(to, { recursive: true });
    }
    await plainServer.end();
    publisherPeaks.push((await publisher.end<Transfer>()).peakMemoryMB);
  }
  const seconds = (carrier: Carriers | 'plain') => median(fetches[carrier].map((each) => each.seconds));
  const peak = (carrier: Carriers | 'plain') =>
    Math.max(...fetches[carrier].map((each) => each.peakMemoryMB));
  return {
    device: describeDevice(),
    ratios: {
      addOverSha256sum: round(median(sums) / median(adds)),
      fetchOverHttp: round(seconds('plain') / seconds('both')),
    },
    values: {
      checkpointBytes: BYTES,
      peakMemoryMB: {
        publisher: round(Math.max(...publisherPeaks)),
        reader: round(peak('both')),
        readerGateway: round(peak('gateway')),
        readerLibp2p: round(peak('libp2p')),
      },
      storeOverheadBytes: overheadBytes,
      addMBPerSecond: round(rate(median(adds))),
      sha256sumMBPerSecond: round(rate(median(sums))),
      opensslMBPerSecond: round(rate(median(opensslSums))),
      addOverOpenssl: round(median(opensslSums) / median(adds)),
      plainHttpMBPerSecond: round(rate(seconds('plain'))),
      fetchMBPerSecond: round(rate(seconds('both'))),
      gatewayMBPerSecond: round(rate(seconds('gateway'))),
      libp2pMBPerSecond: round(rate(seconds('libp2p'))),
      gatewayOverHttp: round(seconds('plain') / seconds('gateway')),
      libp2pOverHttp: round(seconds('plain') / seconds('libp2p')),
    },
  };
}

/** Seconds of a digest program over the files, on one core as it is. */
async function timed(program: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await run(program, [...args]);
  return (performance.now() - started) / 1_000;
}

function tell(line: string): void {
  process.stderr.write(`bench:checkpoints: ${line}\n`);
}
