import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId, MessageId } from '../../protocols/base/ids.ts';
import { documentCid } from '../../protocols/codec/cid.ts';
import { encode } from '../../protocols/codec/codec.ts';
import type {
  Claim,
  ConditionCount,
  Difference,
  Estimate,
  PairedTable,
  VerificationPolicy,
} from '../../protocols/kinds/index.ts';
import { controlSeeds, type Decision, decide, policyFor } from '../../protocols/verdict/index.ts';
import { EmbeddedStore } from '../checkpoints/index.ts';
import { type Progress, type RerunOutcome, rerun } from '../verifier/index.ts';
import { type FindingFolders, jobOf, measuredOf } from './verifier-job.ts';

/** The researcher waits beside it and can interrupt; the machine is theirs. */
const LIMITS = { timeMs: 6 * 3_600_000, memoryBytes: 64 * 2 ** 30 };

export interface LocalRerun {
  readonly folders: FindingFolders;
  readonly claim: Claim;
  readonly policy: VerificationPolicy;
  readonly threads: number;
}

export interface LocalResult {
  readonly decision: Decision;
  readonly counts: readonly ConditionCount[];
  readonly tables: readonly PairedTable[];
  readonly estimates: readonly Estimate[];
  readonly differences: readonly Difference[];
  readonly controlSeeds: readonly string[];
  readonly environment: RerunOutcome['environment'];
  readonly timings: RerunOutcome['timings'];
}

/**
 * Re-runs a finding that is not published yet and judges it. Its controls follow from the claim, since
 * there is no message yet that they could follow from; verifiers will draw others.
 * @throws OversightError with the reason why the re-run could not be done
 */
export async function rerunLocally(
  { folders, claim, policy, threads }: LocalRerun,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<LocalResult> {
  const name = documentCid(encode(claim)).toString();
  const applied = policyFor(folders, policy);
  const seeds = controlSeeds(name as MessageId, applied.controls);
  const base = await nameDirectory(folders.target, { signal });
  const job = jobOf({
    folders,
    claim,
    base,
    controlSeeds: seeds,
    resampling: name,
    threads,
    provider: 'auto',
  });
  const result = await rerun(job, { signal, onProgress, limits: LIMITS });
  if (!result.ok) throw new OversightError(result.reason, result.detail);
  const { environment, timings } = result.value;
  const measured = measuredOf(result.value);
  const decision = decide(claim, measured, applied);
  return { decision, ...measured, controlSeeds: seeds, environment, timings };
}

/** The CID of a directory; nothing is copied and nothing kept. */
async function nameDirectory(
  directory: string,
  options: { readonly signal: AbortSignal },
): Promise<ContentId> {
  const scratch = await mkdtemp(join(tmpdir(), 'oversight-name-'));
  try {
    await using store = await EmbeddedStore.open(scratch);
    return (await store.add(directory, options)).cid;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
