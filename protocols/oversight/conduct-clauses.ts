import { EVALUATION_ITEMS } from '../kinds/index.ts';
import type { AnalogEntry } from '../record/index.ts';
import { addMonths, formatDay, parseDay } from './calendar.ts';
import { type Case, isKnown } from './case.ts';
import type { StatementOf } from './dossiers.ts';
import { inspectedFact } from './inspected.ts';
import { openedAt } from './opened.ts';
import { type Finding, fact, met, notMet, pending, unknown } from './result.ts';

type Report = StatementOf<'compliance-report/1'>;

/** spec 18-oversight §4, M13 */
export function judgeReport(given: Case, analog: AnalogEntry): Finding {
  if (!given.policy.parts.includes('compliance-report')) return met('not-asked');
  const report = lastReport(given, analog);
  return report === null ? withoutReport(given, analog) : met('report-filed', fact('report', null, report));
}

/** spec 18-oversight §4, M22 */
export function judgeCosts(given: Case, analog: AnalogEntry): Finding {
  if (!given.policy.parts.includes('compliance-report')) return met('not-asked');
  const report = lastReport(given, analog);
  if (report === null) return withoutReport(given, analog);
  const costs = openedAt(report, '/costs', given.at) ?? report.body.costs;
  if (!Array.isArray(costs)) return unknown('costs-withheld', fact('report', null, report));
  return costs.length === 0
    ? notMet('costs-missing', fact('report', null, report))
    : met('costs-stated', fact('lines', costs.length, report));
}

function lastReport(given: Case, analog: AnalogEntry): Report | null {
  const reports = given.heard('compliance-report/1');
  return reports.findLast((each) => given.isLab(each) && each.body.analog === analog.id) ?? null;
}

function withoutReport(given: Case, analog: AnalogEntry): Finding {
  const due = given.dayEnd(given.dayOf(analog.established ?? 0) + given.policy.reportDays);
  return given.at < due ? pending('report-awaited', due) : notMet('report-missing');
}

/** spec 18-oversight §4, M14 */
export function judgeAudit(given: Case): Finding {
  const { auditMonths } = given.policy;
  if (auditMonths === null) return met('not-asked');
  const last = given.heard('audit-attestation/1').findLast((each) => !given.isOwn(each));
  if (last !== undefined) {
    const attested = fact('audit', last.body.conclusion, last);
    switch (last.body.conclusion) {
      case 'conforms':
        return met('audit-conforms', attested);
      case 'does-not-conform':
        return notMet('audit-conforms-not', attested);
      case 'not-concluded':
        return unknown('audit-not-concluded', attested);
    }
  }
  const due = given.dayEnd(addMonths(given.clock.day, auditMonths));
  return given.at < due ? pending('audit-awaited', due) : notMet('audit-missing');
}

type Evaluation = StatementOf<'security-evaluation/1'>;

/** Of the analog's bytes, established before its release. */
function evaluationsBefore(given: Case, analog: AnalogEntry): readonly Evaluation[] {
  return evaluationsOf(given, analog).filter((each) => isKnown(each, (analog.established ?? 0) - 1));
}

function evaluationsOf(given: Case, { checkpoint }: AnalogEntry): readonly Evaluation[] {
  return given.heard('security-evaluation/1').filter(({ body }) => body.checkpoint === checkpoint);
}

/** spec 18-oversight §4, M18 */
export function judgeEvaluation(given: Case, analog: AnalogEntry): Finding {
  const missing = withoutEvaluation(given, analog);
  if (missing !== null) return missing;
  const before = evaluationsBefore(given, analog);
  const facts = before.map((each) => fact('evaluation', each.body.evaluator, each));
  const results = before.flatMap(({ body }) => body.risks);
  const bad = results.find(({ result }) => result === 'not-acceptable');
  if (bad !== undefined) return notMet('risk-not-acceptable', fact('risk', bad.risk), ...facts);
  const tested = new Set(results.filter(({ result }) => result === 'acceptable').map(({ risk }) => risk));
  const left = given.policy.evaluation.risks.find((risk) => !tested.has(risk));
  return left === undefined
    ? met('evaluation-there', ...facts)
    : notMet('risks-missing', fact('risk', left), ...facts);
}

/** spec 18-oversight §4, N5 */
export function judgeChecklist(given: Case, analog: AnalogEntry): Finding {
  const missing = withoutEvaluation(given, analog);
  if (missing !== null) return missing;
  const done = new Set(evaluationsBefore(given, analog).flatMap(({ body }) => body.done));
  const left = EVALUATION_ITEMS.filter((item) => !done.has(item));
  return left.length === 0
    ? met('checklist-done')
    : notMet('checklist-incomplete', ...left.map((item) => fact('left out', item)));
}

/** spec 18-oversight §4, N6: an analog's users have its weights, and can fine-tune them. */
export function judgeAccess(given: Case, analog: AnalogEntry): Finding {
  const missing = withoutEvaluation(given, analog);
  if (missing !== null) return missing;
  const enough = evaluationsBefore(given, analog).some(
    ({ body }) => body.access.includes('weights') && body.access.includes('fine-tuning'),
  );
  return enough ? met('access-enough') : notMet('access-limited');
}

/** Null where there are evaluations to judge. */
function withoutEvaluation(given: Case, analog: AnalogEntry): Finding | null {
  if (!given.policy.parts.includes('security-evaluation')) return met('not-asked');
  if (evaluationsBefore(given, analog).length > 0) return null;
  const [late] = evaluationsOf(given, analog);
  return late === undefined
    ? notMet('evaluation-missing')
    : notMet('evaluation-late', fact('evaluation', late.body.evaluator, late));
}

/** spec 18-oversight §4, M19 */
export function judgeGuidance(given: Case, analog: AnalogEntry): Finding {
  const released = formatDay(given.dayOf(analog.established ?? 0));
  const inForce = given.dossiers
    .guidance()
    .filter((each) => isKnown(each, analog.established ?? 0) && !given.isWithdrawn(each))
    .filter(({ body }) => parseDay(body.appliesFrom) <= parseDay(released));
  const ceilings = inForce.flatMap((each) =>
    each.body.parameterCeiling === null ? [] : [{ each, ceiling: each.body.parameterCeiling }],
  );
  const counted = inspectedFact(given, analog.checkpoint, 'parameters');
  if (counted === 'disagree' && ceilings.length > 0) return unknown('inspections-disagree');
  const size = counted === null || counted === 'disagree' ? analog.parameters : counted.value;
  const broken = ceilings.find(({ ceiling }) => size > ceiling);
  if (broken !== undefined)
    return notMet('above-ceiling', fact('ceiling', broken.ceiling, broken.each), fact('parameters', size));
  return ceilings.length === 0
    ? met('no-ceiling')
    : met('below-ceiling', ...ceilings.map(({ each, ceiling }) => fact('ceiling', ceiling, each)));
}
