import { z } from 'zod';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import {
  type Assessment,
  assess,
  CLAUSE_CODES,
  CLAUSE_SENTENCES,
  Dossiers,
  DUE_SENTENCES,
  type ModelReport,
  oversightPolicyOf,
  type PolicyOf,
  reportHtml,
  reportOn,
  type TimelineEntry,
  timelineOf,
} from '../../../protocols/oversight/index.ts';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import {
  assessmentsAnswer,
  calendarAnswer,
  oversightWordingAnswer,
  reportAnswer,
  timelineAnswer,
} from '../answers/oversight.ts';
import type { Api } from '../api/api.ts';
import { IF_NONE_MATCH, isUnchangedSince, sendDated, sendTagged } from '../entity-tag.ts';
import { moment } from '../moment.ts';
import { inPages, nextOf, type PageAsked, pageOf, wholeOrInPages } from '../paging.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';
import { reportPdf } from '../report-pdf/report-pdf.ts';

const model = z.object({ id: messageId });
/** What is due has no id of its own: what it is, and of which message. */
const dueName = z.string().regex(/^[a-z-]{1,32}\.bafyrei[a-z2-7]{52}$/);
/** Of a timeline: a message, or what is due. */
const entryName = z.union([messageId, dueName]);

const WORDING = {
  clauses: CLAUSE_SENTENCES,
  codes: Object.fromEntries(
    Object.entries(CLAUSE_CODES).map(([code, [says, cure]]) => [code, { says, cure }]),
  ),
  due: DUE_SENTENCES,
};

const shared = { method: 'GET', tag: 'oversight', access: 'read', headers: IF_NONE_MATCH } as const;

/** How every model stands on a date, clause by clause, and what is due. spec 18-oversight */
export function oversightRoutes(api: Api, node: GatewayNode): void {
  const ask = new Asker(node);
  api.serve(
    {
      ...shared,
      url: '/oversight',
      id: 'assessAll',
      summary: 'Every model, clause by clause, in pages.',
      query: moment.extend(inPages(messageId)),
      answers: { 200: { description: 'Assessments.', content: json(assessmentsAnswer) }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query: { at = Date.now(), ...page }, ...exchange }) => {
      const { models, next } = assessmentsOf(ask.dossiers(), ask.policyOf, at, page);
      const timeless = models.map(({ at: _, ...rest }) => rest);
      return sendDated(exchange, { at, models, next }, { models: timeless, next });
    },
  );
  api.serve(
    {
      ...shared,
      url: '/oversight/calendar',
      id: 'getCalendar',
      summary: 'What is due of all models, and what has come for it, in pages.',
      query: moment.extend(inPages(dueName)),
      answers: {
        200: { description: 'Due dates, the first first.', content: json(calendarAnswer) },
        304: NOT_MODIFIED,
      },
      refuses: ['not-found'],
    },
    ({ query: { at = Date.now(), ...asked }, ...exchange }) => {
      const { items: due, next } = pageOf(calendarOf(ask.dossiers(), ask.policyOf, at), nameOf, asked);
      return sendDated(exchange, { at, due, next }, { due, next });
    },
  );
  api.serve(
    {
      ...shared,
      url: '/oversight/wording',
      id: 'getOversightWording',
      summary: 'What clauses, codes and due dates mean, in plain words.',
      answers: {
        200: { description: 'Sentences.', content: json(oversightWordingAnswer) },
        304: NOT_MODIFIED,
      },
    },
    (exchange) => sendTagged(exchange, WORDING),
  );
  modelRoutes(api, ask);
}

/** One model: its report in three forms, and its timeline. */
function modelRoutes(api: Api, ask: Asker): void {
  const ofModel = { ...shared, query: moment, params: model, refuses: ['not-found'] } as const;
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id',
      id: 'reportOnModel',
      summary: 'One model in words: clauses, why each stands so and what to do, timeline, costs.',
      answers: { 200: { description: 'The report.', content: json(reportAnswer) }, 304: NOT_MODIFIED },
    },
    ({ params, query, ...exchange }) => {
      const report = ask.report(params.id, query.at);
      return sendDated(exchange, report, timeless(report));
    },
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id/timeline',
      id: 'getTimeline',
      summary: 'Everything about the model by established time, and what is due.',
      query: moment.extend(wholeOrInPages(entryName)),
      answers: { 200: { description: 'The timeline.', content: json(timelineAnswer) }, 304: NOT_MODIFIED },
    },
    ({ params, query: { at = Date.now(), ...asked }, ...exchange }) => {
      const all = found(timelineOf(ask.dossiers(), params.id, ask.policyOf, at));
      const page = pageOf(all, (entry) => (entry.type === 'due' ? nameOf(entry) : entry.id), asked);
      const answer = { timeline: page.items, ...nextOf(asked, page) };
      return sendDated(exchange, { at, ...answer }, answer);
    },
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id/report.html',
      id: 'getReportPage',
      summary: 'The report as one file to keep.',
      answers: { 200: { description: 'The report.', content: { 'text/html': null } }, 304: NOT_MODIFIED },
    },
    ({ params, query, ...exchange }) => {
      const report = ask.report(params.id, query.at);
      const { reply } = exchange;
      if (isUnchangedSince(exchange, timeless(report))) return reply.code(304).send();
      // a file to keep: under the policy of this site its own style would not count
      reply.header('content-disposition', `attachment; filename="report-${params.id.slice(-8)}.html"`);
      return reply.type('text/html; charset=utf-8').send(reportHtml(report));
    },
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id/report.pdf',
      id: 'getReportPdf',
      summary: 'The report as a PDF to keep: the same bytes for the same report.',
      answers: {
        200: { description: 'The report.', content: { 'application/pdf': null } },
        304: NOT_MODIFIED,
      },
    },
    async ({ params, query, ...exchange }) => {
      const report = ask.report(params.id, query.at);
      const { reply } = exchange;
      if (isUnchangedSince(exchange, timeless(report))) return reply.code(304).send();
      reply.header('content-disposition', `attachment; filename="report-${params.id.slice(-8)}.pdf"`);
      return reply.type('application/pdf').send(await reportPdf(report));
    },
  );
}

/** Sorts the record by model once, until there is another. */
class Asker {
  readonly #node: GatewayNode;
  #last: Dossiers | null = null;

  constructor(node: GatewayNode) {
    this.#node = node;
  }

  dossiers(): Dossiers {
    const record = this.#node.oversightRecord();
    if (this.#last?.record !== record) this.#last = new Dossiers(record);
    return this.#last;
  }

  report(id: MessageId, at: number = Date.now()): ModelReport {
    return found(reportOn(this.dossiers(), id, this.policyOf, at));
  }

  readonly policyOf: PolicyOf = (version) => {
    const document = this.#node.charters()[version]?.document ?? this.#node.charter();
    return oversightPolicyOf(document);
  };
}

/** In the order of the record; no more are judged than are told. */
function assessmentsOf(
  dossiers: Dossiers,
  policyOf: PolicyOf,
  at: number,
  { limit, after }: PageAsked & { readonly limit: number },
): { readonly models: readonly Assessment[]; readonly next: MessageId | null } {
  const ids = Array.from(dossiers.all(), ({ frontier }) => frontier.id);
  const models: Assessment[] = [];
  for (const id of pageOf(ids, (each) => each, { after }).items) {
    const assessment = assess(dossiers, id, policyOf, at);
    if (assessment === null) continue;
    if (models.length === limit) return { models, next: models.at(-1)?.frontier ?? null };
    models.push(assessment);
  }
  return { models, next: null };
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

function nameOf({ what, id }: Pick<Due, 'what' | 'id'>): string {
  return `${what}.${id}`;
}

function timeless({ at: _, ...rest }: ModelReport): object {
  return rest;
}

function found<T>(answer: T | null): T {
  if (answer === null) throw notFound('model, or none that witnesses had seen by then');
  return answer;
}
