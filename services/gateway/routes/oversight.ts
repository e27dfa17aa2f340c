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
import { json } from '../answers/common.ts';
import {
  assessmentsAnswer,
  calendarAnswer,
  oversightWordingAnswer,
  reportAnswer,
  timelineAnswer,
} from '../answers/oversight.ts';
import type { Api } from '../api/api.ts';
import { moment } from '../moment.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';
import { reportPdf } from '../report-pdf/report-pdf.ts';

const model = z.object({ id: messageId });

const WORDING = {
  clauses: CLAUSE_SENTENCES,
  codes: Object.fromEntries(
    Object.entries(CLAUSE_CODES).map(([code, [says, cure]]) => [code, { says, cure }]),
  ),
  due: DUE_SENTENCES,
};

/** How every model stands on a date, clause by clause, and what is due. spec 18-oversight */
export function oversightRoutes(api: Api, node: GatewayNode): void {
  const ask = new Asker(node);
  const shared = { method: 'GET', tag: 'oversight', access: 'read', query: moment } as const;
  const ofModel = { ...shared, params: model, refuses: ['not-found'] } as const;
  api.serve(
    {
      ...shared,
      url: '/oversight',
      id: 'assessAll',
      summary: 'Every model, clause by clause.',
      answers: { 200: { description: 'Assessments.', content: json(assessmentsAnswer) } },
    },
    ({ query: { at = Date.now() } }) => ({ at, models: assessAll(ask.dossiers(), ask.policyOf, at) }),
  );
  api.serve(
    {
      ...shared,
      url: '/oversight/calendar',
      id: 'getCalendar',
      summary: 'What is due of all models, and what has come for it.',
      answers: { 200: { description: 'Due dates, the first first.', content: json(calendarAnswer) } },
    },
    ({ query: { at = Date.now() } }) => ({ at, due: calendarOf(ask.dossiers(), ask.policyOf, at) }),
  );
  api.serve(
    {
      method: 'GET',
      url: '/oversight/wording',
      id: 'getOversightWording',
      tag: 'oversight',
      access: 'read',
      summary: 'What clauses, codes and due dates mean, in plain words.',
      answers: { 200: { description: 'Sentences.', content: json(oversightWordingAnswer) } },
    },
    () => WORDING,
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id',
      id: 'reportOnModel',
      summary: 'One model in words: clauses, why each stands so and what to do, timeline, costs.',
      answers: { 200: { description: 'The report.', content: json(reportAnswer) } },
    },
    ({ params, query: { at = Date.now() } }) => found(reportOn(ask.dossiers(), params.id, ask.policyOf, at)),
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id/timeline',
      id: 'getTimeline',
      summary: 'Everything about the model by established time, and what is due.',
      answers: { 200: { description: 'The timeline.', content: json(timelineAnswer) } },
    },
    ({ params, query: { at = Date.now() } }) => {
      return { at, timeline: found(timelineOf(ask.dossiers(), params.id, ask.policyOf, at)) };
    },
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id/report.html',
      id: 'getReportPage',
      summary: 'The report as one file to keep.',
      answers: { 200: { description: 'The report.', content: { 'text/html': null } } },
    },
    ({ params, query: { at = Date.now() }, reply }) => {
      const html = reportHtml(found(reportOn(ask.dossiers(), params.id, ask.policyOf, at)));
      // a file to keep: under the policy of this site its own style would not count
      reply.header('content-disposition', `attachment; filename="report-${params.id.slice(-8)}.html"`);
      return reply.type('text/html; charset=utf-8').send(html);
    },
  );
  api.serve(
    {
      ...ofModel,
      url: '/oversight/:id/report.pdf',
      id: 'getReportPdf',
      summary: 'The report as a PDF to keep: the same bytes for the same report.',
      answers: { 200: { description: 'The report.', content: { 'application/pdf': null } } },
    },
    async ({ params, query: { at = Date.now() }, reply }) => {
      const pdf = await reportPdf(found(reportOn(ask.dossiers(), params.id, ask.policyOf, at)));
      reply.header('content-disposition', `attachment; filename="report-${params.id.slice(-8)}.pdf"`);
      return reply.type('application/pdf').send(pdf);
    },
  );
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
