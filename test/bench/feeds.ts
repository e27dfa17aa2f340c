import type { CatchUpFigures } from './catch-up.ts';
import { describeDevice, round } from './device.ts';
import type { IngestFigures } from './ingest.ts';
import { runOnCores } from './pinned.ts';
import type { WitnessedFigures } from './witnessed.ts';

/** Prints one JSON object on stdout; README.md says what each figure means. Progress goes to stderr. */
try {
  process.stdout.write(`${JSON.stringify(await measureFeeds(), null, 2)}\n`);
} catch (error) {
  process.stderr.write(`bench:feeds: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function measureFeeds() {
  const device = describeDevice();
  if (device.cores < 2) throw new Error('the figures for two cores need two cores');
  const { result: one, pinned } = await step('ingestion on one core', () =>
    runOnCores<IngestFigures>('0', 'ingest-process.ts'),
  );
  const { result: two } = await step('ingestion on two cores', () =>
    runOnCores<IngestFigures>('0,1', 'ingest-process.ts'),
  );
  const { result: catchUp } = await step('a fresh node catching up', () =>
    runOnCores<CatchUpFigures>('0,1', 'catch-up-process.ts'),
  );
  const { result: witnessed } = await step('three witnesses', () =>
    runOnCores<WitnessedFigures>('0,1', 'witnessed-process.ts'),
  );
  return {
    device,
    ratios: {
      ingestOverVerifyOneCore: round(one.ingestOverVerify),
      ingestOverVerifyTwoCores: round(two.ingestOverVerify),
      catchUpOverVerifyLimit: round(catchUp.catchUpOverVerifyLimit),
    },
    values: {
      catchUpPeakMemoryMB: round(catchUp.catchUpPeakMemoryMB),
      appendToWitnessedP95Ms: round(witnessed.p95Ms),
      appendToWitnessedP50Ms: round(witnessed.p50Ms),
      catchUpSeconds: round(catchUp.catchUpSeconds),
      verifyBothCoresPerSecond: Math.round(catchUp.bothCoresVerifyPerSecond),
      ingestOneCorePerSecond: Math.round(one.ingestPerSecond),
      ingestTwoCoresPerSecond: Math.round(two.ingestPerSecond),
      verifyOneCorePerSecond: Math.round(one.verifyPerSecond),
      ownVerifyOneCorePerSecond: Math.round(one.ownVerifyPerSecond),
      meanMessageBytes: Math.round(one.meanMessageBytes),
      pinnedToCores: pinned,
    },
  };
}

async function step<T>(name: string, measure: () => Promise<T>): Promise<T> {
  process.stderr.write(`bench:feeds: ${name} …\n`);
  return measure();
}
