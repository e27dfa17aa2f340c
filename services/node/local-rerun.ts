import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId, MessageId } from '../../protocols/base/ids.ts';
import { documentCid } from '../../protocols/codec/cid.ts';
import { encode } from '../../protocols/codec/codec.ts';
import type { Claim, ConditionCount, PairedTable, VerificationPolicy } from '../../protocols/kinds/index.ts';
import { controlSeeds, type Decision, decide } from '../../protocols/verdict/index.ts';
import { EmbeddedStore } from '../checkpoints/index.ts';
import { type Progress, type RerunOutcome, rerun } from '../verifier/index.ts';
import { countsOf } from './rerun-finding.ts';

/** The researcher waits beside it and can interrupt; the machine is theirs. */
const LIMITS = { timeMs: 6 * 3_600_000, memoryBytes: 64 * 2 ** 30 };

export interface LocalRerun {
  readonly folders: { readonly target: string; readonly intervention: string; readonly suite: string };
  readonly claim: Claim;
  readonly policy: VerificationPolicy;
  readonly threads: number;
}

export interface LocalResult {
  readonly decision: Decision;
  readonly counts: readonly ConditionCount[];
  readonly tables: readonly PairedTable[];
  readonly controlSeeds: readonly string[];
  readonly environment: RerunOutcome['environment'];
  readonly timings: RerunOutcome['timings'];
}

/**
 * Re-runs a finding that is not published yet and judges it by `decision/1`. Its controls follow from the claim, since
 * there is no message yet that they could follow from; verifiers will draw others.
 * @throws OversightError with the reason why the re-run could not be done
 */
export async function rerunLocally(
  { folders, claim, policy, threads }: LocalRerun,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<LocalResult> {
  const seeds = controlSeeds(documentCid(encode(claim)).toString() as MessageId, policy.controls);
  const job = {
    ...folders,
    base: await nameDirectory(folders.target, { signal }),
    effect: claim.effect.measure,
    gates: claim.gates.map((gate) => gate.measure),
    controlSeeds: seeds,
    threads,
  };
  const result = await rerun(job, { signal, onProgress, limits: LIMITS });
  if (!result.ok) throw new OversightError(result.reason, result.detail);
  const { environment, timings } = result.value;
  const { counts, tables } = countsOf(result.value);
  const decision = decide(claim, { counts, tables }, policy);
  return { decision, counts, tables, controlSeeds: seeds, environment, timings };
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
