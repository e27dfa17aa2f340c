import type { ContentId } from '../../protocols/base/ids.ts';
import type {
  Claim,
  Condition,
  ConditionCount,
  Difference,
  Estimate,
  PairedTable,
} from '../../protocols/kinds/index.ts';
import type { Job, ProviderChoice, RerunOutcome } from '../verifier/index.ts';

/** Directories of what a finding names, on this machine. */
export interface FindingFolders {
  readonly target: string;
  /** Null for a finding about fidelity. */
  readonly intervention: string | null;
  readonly suite: string;
  /** The model that the finding names as its source; null where it names none, or nothing needs it. */
  readonly source: string | null;
  /** Other checkpoints that the intervention reads, by CID. */
  readonly sources: Readonly<Record<string, string>>;
}

export interface JobRequest {
  readonly folders: FindingFolders;
  readonly claim: Claim;
  /** CID of the target. */
  readonly base: ContentId;
  readonly controlSeeds: readonly string[];
  /** What random resampling follows from: the finding's id, or what stands for it. */
  readonly resampling: string;
  readonly threads: number;
  readonly provider: ProviderChoice;
}

/** What the verifier has to run for a claim: conditions on the target, or the target as it is. */
export function jobOf({
  folders,
  claim,
  base,
  controlSeeds,
  resampling,
  threads,
  provider,
}: JobRequest): Job {
  const { target, intervention, suite, source, sources } = folders;
  const { effect, gates } = claim;
  if (intervention === null)
    return { target, source, suite, effect: effect.measure, resampling, threads, provider };
  return {
    target,
    intervention,
    suite,
    sources: { ...sources },
    base,
    effect: effect.measure,
    gates: gates.map((gate) => gate.measure),
    controlSeeds: [...controlSeeds],
    resampling,
    threads,
    provider,
  };
}

export interface Measured {
  readonly counts: ConditionCount[];
  readonly tables: PairedTable[];
  readonly estimates: Estimate[];
  readonly differences: Difference[];
}

/** What the engine measured, in the words of a verdict: it numbers its random controls, a verdict does not. */
export function measuredOf({
  counts,
  tables,
  estimates,
  differences,
}: Pick<RerunOutcome, 'counts' | 'tables' | 'estimates' | 'differences'>): Measured {
  return {
    counts: counts.map((row) => ({ ...row, condition: conditionOf(row.condition) })),
    tables: tables.map((row) => ({ ...row, left: conditionOf(row.left), right: conditionOf(row.right) })),
    estimates: estimates.map(({ chance, ...row }) => ({
      ...row,
      condition: conditionOf(row.condition),
      ...(chance === undefined ? {} : { chance }),
    })),
    differences: differences.map((row) => ({ ...row, against: conditionOf(row.against) })),
  };
}

function conditionOf(name: string): Condition {
  return name.startsWith('control') ? 'control' : (name as Condition);
}
