import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { memberKeyText, messageId } from '../../../protocols/kinds/index.ts';
import {
  DISCOUNT_SENTENCES,
  type FederationRecord,
  OUTCOME_SENTENCES,
  REASON_SENTENCES,
  STANDING_SENTENCES,
} from '../../../protocols/record/index.ts';
import { bearingOf, REASON_CODES } from '../../../protocols/verdict/index.ts';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import { statusAnswer, wordingAnswer } from '../answers/node.ts';
import {
  charterAnswer,
  chartersAnswer,
  findingAnswer,
  findingsAnswer,
  membersAnswer,
  recordAnswer,
  releasesAnswer,
} from '../answers/record.ts';
import type { Api } from '../api/api.ts';
import type { Answer, Operation } from '../api/operation.ts';
import { IF_NONE_MATCH, isUnchanged, sendTagged } from '../entity-tag.ts';
import { nextOf, pageOf, wholeOrInPages } from '../paging.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';

const page = z.object(wholeOrInPages(messageId));

const WORDING = {
  bearings: Object.fromEntries(REASON_CODES.map((code) => [code, bearingOf(code)])),
  reasons: REASON_SENTENCES,
  standings: STANDING_SENTENCES,
  outcomes: OUTCOME_SENTENCES,
  discounts: DISCOUNT_SENTENCES,
};

/** What everyone may read: the node, its charter, and the record with its digest as the entity tag. */
export function recordRoutes(api: Api, node: GatewayNode): void {
  /** A part of the record, under the record's digest. */
  const part = <P extends z.ZodObject, Q extends z.ZodObject>(
    operation: Pick<Operation<P, Q>, 'url' | 'id' | 'summary' | 'params' | 'query' | 'refuses'> & {
      readonly answer: Answer;
    },
    view: (record: FederationRecord, asked: { params: z.infer<P>; query: z.infer<Q> }) => unknown,
  ): void => {
    const { answer, ...rest } = operation;
    const answers = { 200: answer, 304: NOT_MODIFIED };
    api.serve<P, Q, z.ZodType>(
      { ...rest, method: 'GET', tag: 'record', access: 'read', headers: IF_NONE_MATCH, answers },
      ({ params, query, request, reply }) => {
        const { record, digest } = node.record();
        if (isUnchanged(request, reply, digest)) return unchanged(reply);
        return reply.send(view(record, { params, query }));
      },
    );
  };
  part(
    {
      url: '/record',
      id: 'getRecord',
      summary: 'The whole record; entity tag: its digest.',
      answer: { description: 'The record.', content: json(recordAnswer) },
    },
    (record) => record,
  );
  part(
    {
      url: '/record/members',
      id: 'getMembers',
      summary: 'Members, their keys and feeds, all or in pages.',
      query: z.object(wholeOrInPages(memberKeyText)),
      answer: { description: 'Members.', content: json(membersAnswer) },
      refuses: ['not-found'],
    },
    ({ members }, { query }) => {
      const some = pageOf(members, ({ key }) => key, query);
      return { members: some.items, ...nextOf(query, some) };
    },
  );
  part(
    {
      url: '/record/releases',
      id: 'getReleases',
      summary: 'Frontier models, then analogs, all or in pages.',
      query: page,
      answer: { description: 'Releases.', content: json(releasesAnswer) },
      refuses: ['not-found'],
    },
    (record, { query }) => {
      const all = [...record.frontierReleases, ...record.analogReleases];
      const some = pageOf(all, ({ id }) => id, query);
      const taken = new Set<object>(some.items);
      return {
        frontierReleases: record.frontierReleases.filter((each) => taken.has(each)),
        analogReleases: record.analogReleases.filter((each) => taken.has(each)),
        ...nextOf(query, some),
      };
    },
  );
  part(
    {
      url: '/record/findings',
      id: 'getFindings',
      summary: 'Findings and their verdicts, all or in pages.',
      query: page,
      answer: { description: 'Findings.', content: json(findingsAnswer) },
      refuses: ['not-found'],
    },
    ({ findings }, { query }) => {
      const some = pageOf(findings, ({ id }) => id, query);
      return { findings: some.items, ...nextOf(query, some) };
    },
  );
  part(
    {
      url: '/record/findings/:id',
      id: 'getFinding',
      summary: 'One finding.',
      params: z.object({ id: messageId }),
      answer: { description: 'The finding.', content: json(findingAnswer) },
      refuses: ['not-found'],
    },
    ({ findings }, { params }) => {
      const finding = findings.find((each) => each.id === params.id);
      if (finding === undefined) throw notFound('finding');
      return finding;
    },
  );
  charterRoutes(api, node);
  api.serve(
    {
      method: 'GET',
      url: '/status',
      id: 'getStatus',
      tag: 'node',
      access: 'read',
      summary: 'The node: version, member, transports, newest cursor, refusals by reason, re-runs at work.',
      answers: { 200: { description: 'The node.', content: json(statusAnswer) } },
    },
    ({ reply }) => reply.header('cache-control', 'no-store').send(node.status()),
  );
  api.serve(
    {
      method: 'GET',
      url: '/wording',
      id: 'getWording',
      tag: 'record',
      access: 'read',
      summary: 'What codes of reasons, standings, outcomes and discounts mean, in plain words.',
      headers: IF_NONE_MATCH,
      answers: {
        200: { description: 'Sentences by code.', content: json(wordingAnswer) },
        304: NOT_MODIFIED,
      },
    },
    (exchange) => sendTagged(exchange, WORDING),
  );
}

function charterRoutes(api: Api, node: GatewayNode): void {
  const shared = { method: 'GET', tag: 'record', access: 'read', headers: IF_NONE_MATCH } as const;
  api.serve(
    {
      ...shared,
      url: '/charter',
      id: 'getCharter',
      summary: 'The charter in force; entity tag: its id.',
      answers: { 200: { description: 'The charter.', content: json(charterAnswer) }, 304: NOT_MODIFIED },
    },
    ({ request, reply }) => {
      if (isUnchanged(request, reply, node.record().record.charter.id)) return unchanged(reply);
      return reply.send(node.charter());
    },
  );
  api.serve(
    {
      ...shared,
      url: '/charter/history',
      id: 'getCharters',
      summary: 'Every version that is or was in force, with its proposal and consents; all or in pages.',
      query: page,
      answers: { 200: { description: 'Versions.', content: json(chartersAnswer) }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query, request, reply }) => {
      const some = pageOf(node.amendments(), ({ id }) => id, query);
      return sendTagged({ request, reply }, { charters: some.items, ...nextOf(query, some) });
    },
  );
}

function unchanged(reply: FastifyReply): FastifyReply {
  return reply.code(304).send();
}
