import { measureDemo } from './demo.ts';
import { describeDevice, round } from './device.ts';
import type { IngestFigures } from './ingest.ts';
import { measureLatency } from './latency.ts';
import { runOnCores } from './pinned.ts';
import { measureRerun } from './rerun.ts';

/** Prints one JSON object on stdout; README.md says what each figure means. Progress goes to stderr. */
try {
  process.stdout.write(`${JSON.stringify(await measureLoop(), null, 2)}\n`);
} catch (error) {
  process.stderr.write(`bench:loop: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function measureLoop() {
  const device = describeDevice();
  // the shortest first: what is missing on this machine shows at once
  const latency = await step('latency over libp2p and NATS', measureLatency);
  const { result: ingest, pinned } = await step('ingestion', () =>
    runOnCores<IngestFigures>('0', 'ingest-process.ts'),
  );
  const rerunPromptsPerSecond = await step('re-run of the first finding', measureRerun);
  const demoSeconds = await step('demo', measureDemo);
  return {
    device,
    ratios: {
      ingestOverVerify: round(ingest.ingestOverVerify),
      libp2pLatencyOverBare: round(latency.libp2p.p50Ms / latency.bareLibp2p.p50Ms),
      natsLatencyOverBare: round(latency.nats.p50Ms / latency.bareNats.p50Ms),
    },
    values: {
      ingestPerSecond: Math.round(ingest.ingestPerSecond),
      verifyPerSecond: Math.round(ingest.verifyPerSecond),
      ownVerifyPerSecond: Math.round(ingest.ownVerifyPerSecond),
      ingestMeanMessageBytes: Math.round(ingest.meanMessageBytes),
      ingestPinnedToOneCore: pinned,
      libp2pP50Ms: round(latency.libp2p.p50Ms),
      libp2pP95Ms: round(latency.libp2p.p95Ms),
      bareLibp2pP50Ms: round(latency.bareLibp2p.p50Ms),
      bareLibp2pP95Ms: round(latency.bareLibp2p.p95Ms),
      natsP50Ms: round(latency.nats.p50Ms),
      natsP95Ms: round(latency.nats.p95Ms),
      bareNatsP50Ms: round(latency.bareNats.p50Ms),
      bareNatsP95Ms: round(latency.bareNats.p95Ms),
      rerunPromptsPerSecond: round(rerunPromptsPerSecond),
      demoSeconds: round(demoSeconds),
    },
  };
}

async function step<T>(name: string, measure: () => Promise<T>): Promise<T> {
  process.stderr.write(`bench:loop: ${name} …\n`);
  return measure();
}
