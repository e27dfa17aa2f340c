import type { ContentId, FederationId, MessageId } from '../base/ids.ts';
import type { ClauseState, ComplianceReportBody } from '../kinds/index.ts';
import type { WithheldEntry } from '../record/index.ts';
import { type Assessment, assess, type Obligation, type PolicyOf } from './assess.ts';
import { cureOfCode, sentenceOfCode } from './codes.ts';
import type { Dossiers } from './dossiers.ts';
import { frontierAt, openedAt } from './opened.ts';
import type { ClauseResult } from './result.ts';
import { CLAUSE_SENTENCES } from './sentences.ts';
import { type TimelineEntry, timelineOf } from './timeline.ts';
import { type WithheldRow, withheldOf } from './withheld-list.ts';

/** A clause with the sentences that a person reads. */
export type ClauseRow = ClauseResult & {
  readonly asks: string;
  readonly says: string;
  readonly cure: string | null;
};

/** A model on a date, for people and programs: assessment, timeline, what is withheld, what compliance cost. */
export interface ModelReport {
  readonly federation: { readonly id: FederationId; readonly name: string };
  readonly at: number;
  readonly lab: { readonly name: string; readonly organisation: string };
  readonly model: {
    readonly id: MessageId;
    readonly name: string;
    readonly version: string;
    readonly established: number | null;
    readonly parameters: number | null;
    readonly withheld: readonly WithheldEntry[];
  };
  /** Of its releases and of what is said about it: as many as there are. */
  readonly withheld: readonly WithheldRow[];
  readonly analog: {
    readonly id: MessageId;
    readonly name: string;
    readonly version: string;
    readonly established: number | null;
    readonly licence: string;
    readonly parameters: number;
    readonly checkpoint: ContentId;
  } | null;
  readonly charter: number;
  readonly obligation: Obligation;
  readonly overall: ClauseState;
  readonly clock: Assessment['clock'];
  readonly clauses: readonly ClauseRow[];
  readonly timeline: readonly TimelineEntry[];
  /** Of the lab's last report; null: none, or withheld. */
  readonly costs: Exclude<ComplianceReportBody['costs'], { readonly withheld: unknown }> | null;
}

/** Null for a model that was not established by then, or is not in the record. */
export function reportOn(
  dossiers: Dossiers,
  frontier: MessageId,
  policyOf: PolicyOf,
  at: number,
): ModelReport | null {
  const dossier = dossiers.of(frontier);
  const assessment = assess(dossiers, frontier, policyOf, at);
  if (dossier === null || assessment === null) return null;
  const { id, name, version, established, parameters, withheld } = frontierAt(dossier.frontier, at);
  const analog = dossier.analogs.find((each) => each.id === assessment.analog) ?? null;
  return {
    federation: { id: dossiers.record.federation, name: dossiers.record.name },
    at,
    lab: dossier.lab,
    model: { id, name, version, established, parameters, withheld },
    withheld: withheldOf(dossier, at),
    analog: analog === null ? null : analogOf(analog),
    charter: assessment.charter,
    obligation: assessment.obligation,
    overall: assessment.overall,
    clock: assessment.clock,
    clauses: assessment.clauses.map(inWords),
    timeline: timelineOf(dossiers, frontier, policyOf, at) ?? [],
    costs: costsOf(dossiers, frontier, assessment.analog, at),
  };
}

function analogOf({
  id,
  name,
  version,
  established,
  licence,
  parameters,
  checkpoint,
}: NonNullable<ModelReport['analog']>) {
  return { id, name, version, established, licence, parameters, checkpoint };
}

export function inWords(result: ClauseResult): ClauseRow {
  return {
    ...result,
    asks: CLAUSE_SENTENCES[result.clause],
    says: sentenceOfCode(result.code),
    cure: result.state === 'met' ? null : cureOfCode(result.code),
  };
}

function costsOf(
  dossiers: Dossiers,
  frontier: MessageId,
  analog: MessageId | null,
  at: number,
): ModelReport['costs'] {
  const dossier = dossiers.of(frontier);
  const reports = (dossier?.statements ?? []).flatMap((each) =>
    each.kind === 'compliance-report/1' &&
    each.body.analog === analog &&
    (each.established ?? Number.POSITIVE_INFINITY) <= at &&
    dossiers.partyOf(each.author).name === dossier?.lab.name
      ? [openedAt(each, '/costs', at) ?? each.body.costs]
      : [],
  );
  const last = reports.at(-1);
  return Array.isArray(last) ? last : null;
}

/** What a lab files: the assessment as it is, with what only the lab knows. spec 18-oversight §7.2 */
export function complianceReportOf(
  assessment: Assessment & { readonly analog: MessageId },
  charter: FederationId,
  own: Pick<ComplianceReportBody, 'creation' | 'costs'>,
): ComplianceReportBody {
  return {
    frontier: assessment.frontier,
    analog: assessment.analog,
    asOf: assessment.at,
    charter,
    clauses: assessment.clauses.map((each) => ({
      clause: each.clause,
      state: each.state,
      until: each.state === 'pending' ? each.until : null,
    })),
    ...own,
  };
}
