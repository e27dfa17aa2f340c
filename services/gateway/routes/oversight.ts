import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { messageId } from '../../../protocols/kinds/index.ts';
import {
  assessAll,
  CLAUSE_CODES,
  CLAUSE_SENTENCES,
  Dossiers,
  DUE_SENTENCES,
  oversightPolicyOf,
  type PolicyOf,
  reportHtml,
  reportOn,
  type TimelineEntry,
  timelineOf,
} from '../../../protocols/oversight/index.ts';
import type { FederationRecord } from '../../../protocols/record/index.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound, parseRequest } from '../problems.ts';

/** The last millisecond of the year 9999: later dates have no usual form. */
const LAST_MOMENT = 253_402_300_799_999;

/** Milliseconds since 1970; now where it is left out. */
const date = z.strictObject({ at: z.coerce.number().int().min(0).max(LAST_MOMENT).optional() });
const model = z.object({ id: messageId });

const WORDING = {
  clauses: CLAUSE_SENTENCES,
  codes: Object.fromEntries(
    Object.entries(CLAUSE_CODES).map(([code, [says, cure]]) => [code, { says, cure }]),
  ),
  due: DUE_SENTENCES,
};

/** How every model stands on a date, clause by clause, and what is due. spec 18-oversight */
export function oversightRoutes(app: FastifyInstance, node: GatewayNode): void {
  const ask = new Asker(node);
  app.get('/oversight', async (request) => {
    const { at = Date.now() } = parseRequest(date, request.query);
    return { at, models: assessAll(ask.dossiers(), ask.policyOf, at) };
  });
  app.get('/oversight/calendar', async (request) => {
    const { at = Date.now() } = parseRequest(date, request.query);
    return { at, due: calendarOf(ask.dossiers(), ask.policyOf, at) };
  });
  app.get('/oversight/wording', async () => WORDING);
  app.get('/oversight/:id', async (request) => {
    const { id } = parseRequest(model, request.params);
    const { at = Date.now() } = parseRequest(date, request.query);
    return found(reportOn(ask.dossiers(), id, ask.policyOf, at));
  });
  app.get('/oversight/:id/timeline', async (request) => {
    const { id } = parseRequest(model, request.params);
    const { at = Date.now() } = parseRequest(date, request.query);
    return { at, timeline: found(timelineOf(ask.dossiers(), id, ask.policyOf, at)) };
  });
  app.get('/oversight/:id/report.html', async (request, reply) => {
    const { id } = parseRequest(model, request.params);
    const { at = Date.now() } = parseRequest(date, request.query);
    const html = reportHtml(found(reportOn(ask.dossiers(), id, ask.policyOf, at)));
    // a file to keep: under the policy of this site its own style would not count
    reply.header('content-disposition', `attachment; filename="report-${id.slice(-8)}.html"`);
    return reply.type('text/html; charset=utf-8').send(html);
  });
}

/** Sorts the record by model once, until there is another. */
class Asker {
  readonly #node: GatewayNode;
  #last: { readonly record: FederationRecord; readonly dossiers: Dossiers } | null = null;

  constructor(node: GatewayNode) {
    this.#node = node;
  }

  dossiers(): Dossiers {
    const { record } = this.#node.record();
    if (this.#last?.record !== record) this.#last = { record, dossiers: new Dossiers(record) };
    return this.#last.dossiers;
  }

  readonly policyOf: PolicyOf = (version) => {
    const document = this.#node.charters()[version]?.document ?? this.#node.charter();
    return oversightPolicyOf(document);
  };
}

type Due = Extract<TimelineEntry, { readonly type: 'due' }> & {
  readonly frontier: string;
  readonly model: string;
  readonly lab: string;
};

/** What is due of all models, the first first. */
function calendarOf(dossiers: Dossiers, policyOf: PolicyOf, at: number): Due[] {
  const all = [...dossiers.all()].flatMap(({ frontier, lab }) => {
    const timeline = timelineOf(dossiers, frontier.id, policyOf, at) ?? [];
    return timeline.flatMap((entry) =>
      entry.type === 'due'
        ? [{ ...entry, frontier: frontier.id, model: `${frontier.name} ${frontier.version}`, lab: lab.name }]
        : [],
    );
  });
  return all.sort((a, b) => a.at - b.at);
}

function found<T>(answer: T | null): T {
  if (answer === null) throw notFound('model, or none that witnesses had seen by then');
  return answer;
}
