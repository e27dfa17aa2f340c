import { rerun } from '../../services/verifier/index.ts';
import { demoIntervention, demoJob, temporary } from '../support/verifier/demo-models.ts';

const LIMITS = { timeMs: 300_000, memoryBytes: 2 ** 31 };

/** Generations a second that the engine reports for the demo's first finding, on the frontier model and one thread. */
export async function measureRerun(): Promise<number> {
  await using directory = await temporary();
  const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'), { threads: 1 });
  const result = await rerun(job, { signal: new AbortController().signal, limits: LIMITS });
  if (!result.ok) throw new Error(`the re-run failed: ${result.reason} ${result.detail}`);
  const { generations, runMs } = result.value.timings;
  return generations / (runMs / 1_000);
}
