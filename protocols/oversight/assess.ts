import type { MessageId } from '../base/ids.ts';
import { CLAUSES, type ClauseId, type ClauseState, type OversightPolicy } from '../kinds/index.ts';
import type { AnalogEntry, FrontierEntry } from '../record/index.ts';
import { Case, type Clock } from './case.ts';
import * as conduct from './conduct-clauses.ts';
import * as content from './content-clauses.ts';
import type { Dossier, Dossiers } from './dossiers.ts';
import * as enforcement from './enforcement-clauses.ts';
import * as identity from './identity-clauses.ts';
import * as model from './model-clauses.ts';
import { type ClauseResult, type Finding, fact, unknown } from './result.ts';
import * as window from './window-clauses.ts';

/** What the lab owes. `unknown`: whether the model reaches a threshold cannot be known. */
export type Obligation = 'mandatory' | 'voluntary' | 'below-thresholds' | 'unknown';

/** One model on one date, clause by clause. spec 18-oversight §2 */
export interface Assessment {
  readonly frontier: MessageId;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Version of the charter whose policy governs the model. */
  readonly charter: number;
  /** The analog that answers for the lab; null: none has come. */
  readonly analog: MessageId | null;
  readonly obligation: Obligation;
  /** The worst of the clauses: not-met, pending, cannot-be-known, met. */
  readonly overall: ClauseState;
  /** null while the frontier release is not established. Milliseconds since 1970, ends excluded. */
  readonly clock: Omit<Clock, 'day' | 'extensions'> | null;
  /** In the order of the clauses. */
  readonly clauses: readonly ClauseResult[];
}

/** The policy of a version of the charter. */
export type PolicyOf = (version: number) => OversightPolicy;

/**
 * Every clause for one model on one date. Only what witnesses had seen by then counts. spec 18-oversight §2
 * @param at milliseconds since 1970
 * @returns null for a model that witnesses first saw later, or that is not in the record
 */
export function assess(
  dossiers: Dossiers,
  frontier: MessageId,
  policyOf: PolicyOf,
  at: number,
): Assessment | null {
  const dossier = dossiers.of(frontier);
  if (dossier === null) return null;
  const from = dossier.frontier.established;
  if (from === null) return notEstablished(dossier.frontier, at);
  return at < from ? null : judge(dossiers, dossier, policyOf(dossier.frontier.charter), at, from);
}

/** Every model that was established by then, and those that are not established, in the order of the record. */
export function assessAll(dossiers: Dossiers, policyOf: PolicyOf, at: number): Assessment[] {
  return [...dossiers.all()].flatMap(({ frontier }) => assess(dossiers, frontier.id, policyOf, at) ?? []);
}

function judge(
  dossiers: Dossiers,
  dossier: Dossier,
  policy: OversightPolicy,
  at: number,
  from: number,
): Assessment {
  const given = new Case(dossiers, dossier, policy, at, from);
  const analog = answering(given);
  const clauses = CLAUSES.map((clause) => resultOf(given, analog, clause));
  const { opens, usualEnd, ends } = given.clock;
  return {
    frontier: dossier.frontier.id,
    at,
    charter: dossier.frontier.charter,
    analog: analog?.id ?? null,
    obligation: obligationOf(given, clauses),
    overall: overallOf(clauses),
    clock: { from, opens, usualEnd, ends },
    clauses,
  };
}

/** The analog that breaks the fewest clauses; of equals the first. spec 18-oversight §2.5 */
function answering(given: Case): AnalogEntry | null {
  let best: { readonly analog: AnalogEntry; readonly broken: number } | null = null;
  for (const analog of given.analogs()) {
    const results = CLAUSES.map((clause) => resultOf(given, analog, clause));
    const broken = results.filter(({ state }) => state === 'not-met').length;
    if (best === null || broken < best.broken) best = { analog, broken };
  }
  return best?.analog ?? null;
}

function resultOf(given: Case, analog: AnalogEntry | null, clause: ClauseId): ClauseResult {
  const finding = findingOf(given, analog, clause);
  return {
    clause,
    ...(finding.state === 'cannot-be-known' ? determined(given, analog, clause, finding) : finding),
  };
}

/** A regulator closes what cannot be known from the record; the last word counts. spec 18-oversight §2.6 */
function determined(given: Case, analog: AnalogEntry | null, clause: ClauseId, open: Finding): Finding {
  const sealed = sealedFieldOf(given, open);
  const about = given
    .heard('determination/1')
    .filter(({ body }) => body.analog === null || body.analog === analog?.id)
    .filter(({ body }) => sealed === null || body.opened?.includes(sealed));
  for (const determination of about.reverse()) {
    const said = determination.body.clauses.find((each) => each.clause === clause);
    if (said === undefined) continue;
    return {
      state: said.state,
      code: 'determined',
      evidence: [fact('determination', said.reason, determination), ...open.evidence],
    };
  }
  return open;
}

/** The commitment of what a clause hangs on: who decides it says that it has opened this very field. spec 20-disclosure §4 */
function sealedFieldOf({ dossier: { frontier } }: Case, open: Finding): string | null {
  if (open.code !== 'ratio-unknown') return null;
  return frontier.withheld.find(({ field }) => field === '/model/parameters')?.commitment ?? null;
}

function findingOf(given: Case, analog: AnalogEntry | null, clause: ClauseId): Finding {
  switch (clause) {
    case 'M1':
      return window.judgeRelease(given, analog);
    case 'M2':
      return model.judgeThresholds(given);
    case 'M7':
      return window.judgeWindow(given, analog);
    case 'M14':
      return conduct.judgeAudit(given);
    case 'M15':
      return enforcement.judgeEnforcement(given);
    case 'M16':
      return enforcement.judgeGrounds(given);
    case 'M17':
      return window.judgeDelay(given, analog);
    case 'M20':
      return model.judgePhase(given);
    case 'M21':
      return model.judgeWithheld(given);
    default:
      return analog === null ? window.withoutAnalog(given) : ofAnalog(given, analog, clause);
  }
}

type AnalogClause = Exclude<ClauseId, 'M1' | 'M2' | 'M7' | 'M14' | 'M15' | 'M16' | 'M17' | 'M20' | 'M21'>;

function ofAnalog(given: Case, analog: AnalogEntry, clause: AnalogClause): Finding {
  switch (clause) {
    case 'M3':
      return identity.judgeFamily(given, analog);
    case 'M4':
      return identity.judgeData(given, analog);
    case 'M5':
      return identity.judgeDistillation(given, analog);
    case 'M6':
      return identity.judgeRatio(given, analog);
    case 'M8':
      return content.judgeCopies(given, analog);
    case 'M9':
      return content.judgePart(given, analog, 'model-card');
    case 'M10':
      return content.judgePart(given, analog, 'data-description');
    case 'M11':
      return content.judgePart(given, analog, 'scripts');
    case 'M12':
      return content.judgeLicence(given, analog);
    case 'M13':
      return conduct.judgeReport(given, analog);
    case 'M18':
      return conduct.judgeEvaluation(given, analog);
    case 'M19':
      return conduct.judgeGuidance(given, analog);
    case 'M22':
      return conduct.judgeCosts(given, analog);
    case 'N5':
      return conduct.judgeChecklist(given, analog);
    case 'N6':
      return conduct.judgeAccess(given, analog);
  }
}

function obligationOf(given: Case, clauses: readonly ClauseResult[]): Obligation {
  if (model.phaseOf(given) === 'voluntary') return 'voluntary';
  switch (clauses.find(({ clause }) => clause === 'M2')?.state) {
    case 'met':
      return 'mandatory';
    case 'not-met':
      return 'below-thresholds';
    default:
      return 'unknown';
  }
}

/** M2 says what the model is, not whether its lab complies. */
function overallOf(clauses: readonly ClauseResult[]): ClauseState {
  const states = clauses.filter(({ clause }) => clause !== 'M2').map(({ state }) => state);
  return (
    (['not-met', 'pending', 'cannot-be-known'] as const).find((state) => states.includes(state)) ?? 'met'
  );
}

function notEstablished({ id, charter }: FrontierEntry, at: number): Assessment {
  return {
    frontier: id,
    at,
    charter,
    analog: null,
    obligation: 'unknown',
    overall: 'cannot-be-known',
    clock: null,
    clauses: CLAUSES.map((clause) => ({ clause, ...unknown('frontier-not-established') })),
  };
}
