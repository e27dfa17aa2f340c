import type { Environment } from '../../protocols/artifacts/index.ts';
import type { ErrorCode } from '../../protocols/base/errors.ts';
import type { MessageId } from '../../protocols/base/ids.ts';
import { accept, type Result } from '../../protocols/base/result.ts';
import type {
  Condition,
  ConditionCount,
  FindingBody,
  PairedTable,
  VerdictBody,
  VerificationPolicy,
} from '../../protocols/kinds/index.ts';
import { controlSeeds, decide } from '../../protocols/verdict/index.ts';
import { type Progress, type RerunOutcome, rerun } from '../verifier/index.ts';
import type { NodeConfig } from './config.ts';

export interface FindingFolders {
  readonly target: string;
  /** Null for a finding about fidelity. */
  readonly intervention: string | null;
  readonly suite: string;
}

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

/** Re-runs a finding whose files are here, and judges it by `decision/1`. */
export async function rerunFinding(
  { finding, body, folders, policy, limits }: RerunRequest,
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: Progress) => void },
): Promise<Result<Judged, ErrorCode>> {
  const { intervention } = folders;
  if (intervention === null) {
    const detail = 'findings about fidelity are not run here';
    return accept({ verdict: notRerunnable(finding, 'finding-invalid', detail), evidence: null });
  }
  const seeds = controlSeeds(finding, policy.controls);
  const job = {
    ...folders,
    intervention,
    base: body.target.checkpoint,
    effect: body.claim.effect.measure,
    gates: body.claim.gates.map((gate) => gate.measure),
    controlSeeds: seeds,
    threads: limits.threads,
  };
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
  const { counts, tables } = countsOf(outcome);
  const decision = decide(body.claim, { counts, tables }, policy);
  const verdict = {
    finding,
    rule: 'decision/1' as const,
    outcome: decision.outcome,
    reasons: decision.reasons.map((reason) => ({ ...reason })),
    counts,
    tables,
    controlSeeds: seeds,
    environment: environmentOf(outcome.environment),
    evidence: null,
  };
  return accept({ verdict, evidence: outcome.evidence });
}

/** A verdict is public; where this node keeps its files is not. */
function withoutPaths(detail: string, folders: FindingFolders): string {
  return Object.entries(folders).reduce(
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

/** What the engine measured, in the words of a verdict: it numbers its random controls, a verdict does not. */
export function countsOf({ counts, tables }: Pick<RerunOutcome, 'counts' | 'tables'>): {
  readonly counts: ConditionCount[];
  readonly tables: PairedTable[];
} {
  return {
    counts: counts.map((row) => ({ ...row, condition: conditionOf(row.condition) })),
    tables: tables.map((row) => ({ ...row, left: conditionOf(row.left), right: conditionOf(row.right) })),
  };
}

function conditionOf(name: string): Condition {
  return name.startsWith('control') ? 'control' : (name as Condition);
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
