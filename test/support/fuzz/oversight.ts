import type { MessageId } from '../../../protocols/base/ids.ts';
import { isPlainObject } from '../../../protocols/base/plain.ts';
import { CLAUSES, checkBody } from '../../../protocols/kinds/index.ts';
import { assessAll, Dossiers, reportHtml, reportOn } from '../../../protocols/oversight/index.ts';
import type { FederationRecord, StatementEntry } from '../../../protocols/record/index.ts';
import { mutateData } from '../mutations.ts';
import { statementBodies } from '../oversight/bodies.ts';
import { ModelCase } from '../oversight/model-case.ts';
import { type FuzzTarget, must, oneOf, type Random } from './target.ts';

/** The last moment that a node is asked about. */
const LAST_MOMENT = 253_402_300_799_999;

const model = new ModelCase().complete();
const record = model.world.fold.record();
const bodies = Object.entries(statementBodies(model.frontier));

/** A statement that opens, whatever it says. */
function statement(random: Random, id: number): StatementEntry | null {
  const [kind, right] = oneOf(bodies, random);
  const body = random() < 0.3 ? right : mutateData(right, random);
  if (!isPlainObject(body) || checkBody(kind, body) !== null) return null;
  const established = random() < 0.1 ? null : Math.floor(random() * LAST_MOMENT);
  const { author } = oneOf(record.statements, random);
  return { id: `statement-${id}` as MessageId, author, established, kind, body } as unknown as StatementEntry;
}

/** The record with statements that nobody should have written, and times that nobody should have. */
function strange(random: Random): FederationRecord {
  const statements = Array.from({ length: 12 }, (_, i) => statement(random, i)).filter(
    (each) => each !== null,
  );
  const moved = <T extends { readonly established: number | null }>(entry: T): T =>
    random() < 0.5 ? entry : { ...entry, established: Math.floor(random() * LAST_MOMENT) };
  return {
    ...record,
    frontierReleases: record.frontierReleases.map(moved),
    analogReleases: record.analogReleases.map(moved),
    statements: [...record.statements, ...statements],
  };
}

export const OVERSIGHT_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'oversight-assessments': {
    drives: ['protocols/oversight/calendar.ts#parseDay'],
    accepts: true,
    run: (random) => {
      const dossiers = new Dossiers(strange(random));
      const at = random() < 0.1 ? LAST_MOMENT : Math.floor(random() * LAST_MOMENT);
      const assessments = assessAll(dossiers, model.world.policyOf, at);
      for (const { frontier, clauses } of assessments) {
        must(clauses.map(({ clause }) => clause).join() === CLAUSES.join(), 'a clause is left out');
        for (const each of clauses)
          must(
            each.state !== 'pending' || each.until > at,
            `${each.clause} is pending until what has passed`,
          );
        const report = reportOn(dossiers, frontier, model.world.policyOf, at);
        must(report !== null && !reportHtml(report).includes('<script'), 'a report that runs something');
      }
      return assessments.length > 0;
    },
  },
};
