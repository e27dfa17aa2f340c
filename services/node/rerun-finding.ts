import type { Environment } from '../../protocols/artifacts/index.ts';
import type { ErrorCode } from '../../protocols/base/errors.ts';
import type { MessageId } from '../../protocols/base/ids.ts';
import { accept, type Result } from '../../protocols/base/result.ts';
import {
  type FindingBody,
  hasValues,
  type VerdictBody,
  type VerificationPolicy,
} from '../../protocols/kinds/index.ts';
import { controlSeeds, decide, policyFor, ruleOf } from '../../protocols/verdict/index.ts';
import { type Progress, type RerunOutcome, rerun } from '../verifier/index.ts';
import type { NodeConfig } from './config.ts';
import { type FindingFolders, jobOf, measuredOf } from './verifier-job.ts';

export interface RerunRequest {
  readonly finding: MessageId;
  readonly body: FindingBody;
  readonly folders: FindingFolders;
  readonly policy: VerificationPolicy;
  readonly limits: NodeConfig['verifier'];
}

/** A verdict, not yet naming its evidence, and the evidence. */
export interface Judged {
  readonly verdict: VerdictBody;
  readonly evidence: RerunOutcome['evidence'] | null;
}

/**
 * Failures that lie in the finding: every verifier would meet them, so they are a verdict.
 * The others (a crash, a limit, a full disk) are this node's, and are tried again.
 */
const FINDING_AT_FAULT: ReadonlySet<ErrorCode> = new Set([
  'checkpoint-invalid',
  'finding-invalid',
  'hook-misfired',
  'intervention-invalid',
  'model-unsupported',
  'suite-invalid',
  'tokenizer-missing',
]);

/** Re-runs a finding whose files are here, and judges it. */
export async function rerunFinding(
  { finding, body, folders, policy, limits }: RerunRequest,
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: Progress) => void },
): Promise<Result<Judged, ErrorCode>> {
  const applied = policyFor(body, policy);
  const seeds = controlSeeds(finding, applied.controls);
  const job = jobOf({
    folders,
    claim: body.claim,
    base: body.target.checkpoint,
    controlSeeds: seeds,
    resampling: finding,
    threads: limits.threads,
    provider: limits.provider ?? 'auto',
  });
  const result = await rerun(job, {
    ...options,
    limits: { timeMs: limits.timeLimitMs, memoryBytes: limits.memoryLimitBytes },
  });
  if (!result.ok) {
    if (!FINDING_AT_FAULT.has(result.reason)) return result;
    const detail = withoutPaths(result.detail, folders);
    return accept({ verdict: notRerunnable(finding, result.reason, detail), evidence: null });
  }
  const outcome = result.value;
  const { estimates, differences, ...counted } = measuredOf(outcome);
  const decision = decide(body.claim, { ...counted, estimates, differences }, applied);
  const verdict: VerdictBody = {
    finding,
    rule: ruleOf(body.claim),
    outcome: decision.outcome,
    reasons: decision.reasons.map((reason) => ({ ...reason })),
    ...counted,
    // numbers that the claim says nothing of stay in the evidence
    ...(hasValues(body.claim) ? { estimates, differences } : {}),
    controlSeeds: seeds,
    environment: environmentOf(outcome.environment),
    evidence: null,
  };
  return accept({ verdict, evidence: outcome.evidence });
}

/** A verdict is public; where this node keeps its files is not. */
function withoutPaths(detail: string, folders: FindingFolders): string {
  const { sources, ...named } = folders;
  return [...Object.entries(named), ...Object.entries(sources)].reduce(
    (text, [name, path]) => (path === null ? text : text.replaceAll(path, name)),
    detail,
  );
}

export function notRerunnable(finding: MessageId, code: string, detail: string): Judged['verdict'] {
  return {
    finding,
    rule: 'decision/1',
    outcome: 'not-rerunnable',
    reasons: [{ code, detail: detail.slice(0, 500) }],
    counts: [],
    tables: [],
    controlSeeds: [],
    environment: {
      engine: 'none',
      engineVersion: '0',
      runtime: `node ${process.versions.node}`,
      provider: 'none',
      dtype: 'none',
      threads: 1,
      architecture: process.arch,
    },
    evidence: null,
  };
}

function environmentOf(environment: Environment): VerdictBody['environment'] {
  return {
    engine: environment.engine,
    engineVersion: environment.engineVersion,
    runtime: Object.entries(environment.runtimes)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')
      .slice(0, 100),
    provider: environment.provider,
    dtype: environment.dtype,
    threads: environment.threads,
    architecture: environment.architecture,
  };
}
