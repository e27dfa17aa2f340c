import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageId } from '../../../protocols/kinds/index.ts';
import type { AnalogEntry, FrontierEntry, OversightRecord } from '../../../protocols/record/index.ts';
import type { Standing } from '../../../protocols/verdict/index.ts';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import { federationAnswer, findingsPage, modelsPage, overviewAnswer } from '../answers/record.ts';
import type { Api } from '../api/api.ts';
import { IF_NONE_MATCH, isUnchanged } from '../entity-tag.ts';
import type { GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';

/** A page of a list: as much as a reader looks at, and its tables stay small. */
const PAGE = 10;
const PAGE_LIMIT = 100;

/** `after`: the last one of the page before. */
const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE),
  after: messageId.optional(),
});

/** A frontier release with its analogs; null where the record has an analog and not what it belongs to. */
export interface Model {
  readonly frontier: FrontierEntry | null;
  readonly analogs: readonly AnalogEntry[];
}

/** The record in pieces, for who shows it: no answer grows with it. Newest first; the record is in the order of time. */
export function overviewRoutes(
  api: Api,
  node: Pick<GatewayNode, 'oversightRecord' | 'findingIds' | 'finding' | 'standings'>,
): void {
  const tags = new RecordTags();
  const isKnown = (record: OversightRecord, request: FastifyRequest, reply: FastifyReply): boolean => {
    return isUnchanged(request, reply, tags.of(record));
  };
  const shared = { method: 'GET', tag: 'record', access: 'read', headers: IF_NONE_MATCH } as const;
  api.serve(
    {
      ...shared,
      url: '/overview',
      id: 'getOverview',
      summary: 'The federation in numbers, and names of keys.',
      answers: { 200: { description: 'Counts.', content: json(overviewAnswer) }, 304: NOT_MODIFIED },
    },
    ({ request, reply }) => {
      const record = node.oversightRecord();
      return isKnown(record, request, reply)
        ? reply.code(304).send()
        : reply.send(overviewOf(record, node.standings()));
    },
  );
  api.serve(
    {
      ...shared,
      url: '/federation',
      id: 'getFederation',
      summary: 'The charter’s versions and proposals, members, and forks.',
      answers: { 200: { description: 'Members.', content: json(federationAnswer) }, 304: NOT_MODIFIED },
    },
    ({ request, reply }) => {
      const record = node.oversightRecord();
      return isKnown(record, request, reply) ? reply.code(304).send() : reply.send(federationOf(record));
    },
  );
  api.serve(
    {
      ...shared,
      url: '/models',
      id: 'getModels',
      summary: 'Frontier models with their analogs, the newest first, in pages.',
      query: page,
      answers: { 200: { description: 'A page.', content: json(modelsPage) }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query, request, reply }) => {
      const record = node.oversightRecord();
      if (isKnown(record, request, reply)) return reply.code(304).send();
      const { items, next } = newestFirst(modelsOf(record), idOfModel, query);
      return reply.send({ models: items, next });
    },
  );
  api.serve(
    {
      ...shared,
      url: '/findings',
      id: 'getFindingsPage',
      summary: 'Findings, the newest first, in pages.',
      query: page,
      answers: { 200: { description: 'A page.', content: json(findingsPage) }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query, request, reply }) => {
      const record = node.oversightRecord();
      if (isKnown(record, request, reply)) return reply.code(304).send();
      const { items, next } = newestFirst(node.findingIds(), (id) => id, query);
      return reply.send({ findings: items.flatMap((id) => node.finding(id) ?? []), next });
    },
  );
}

/** Names moments of the record: its digest says more, and costs a reading of all of it. */
class RecordTags {
  /** Another process, other moments. */
  readonly #prefix = randomBytes(8).toString('base64url');
  readonly #numbers = new WeakMap<OversightRecord, number>();
  #last = 0;

  of(record: OversightRecord): string {
    const number = this.#numbers.get(record) ?? ++this.#last;
    this.#numbers.set(record, number);
    return `${this.#prefix}-${number}`;
  }
}

export type Overview = ReturnType<typeof overviewOf>;
export type FederationView = ReturnType<typeof federationOf>;

function federationOf({ charter, proposals, members, formerMembers, forks }: OversightRecord) {
  return { charter, proposals, members, formerMembers, forks };
}

function overviewOf(record: OversightRecord, findings: Readonly<Record<Standing, number>>) {
  const { federation, name, charter, members, formerMembers, forks, statements } = record;
  const keys = [
    ...members.map((each) => [each.key, each.name] as const),
    ...[...members, ...formerMembers].flatMap((each) =>
      each.former.map(({ key }) => [key, each.name] as const),
    ),
  ];
  return {
    federation,
    name,
    charter: { version: charter.version, id: charter.id },
    names: Object.fromEntries(keys),
    counts: {
      frontierReleases: record.frontierReleases.length,
      analogReleases: record.analogReleases.length,
      findings,
      statements: statements.length,
      members: members.length,
      forks: forks.length,
    },
  };
}

/** In the order of the record; last what belongs to no model that is known. */
function modelsOf({ frontierReleases, analogReleases }: OversightRecord): Model[] {
  const byFrontier = Map.groupBy(analogReleases, ({ frontier }) => frontier);
  const orphans = byFrontier.get(null) ?? [];
  return [
    ...orphans.map((analog) => ({ frontier: null, analogs: [analog] })),
    ...frontierReleases.map((frontier) => ({ frontier, analogs: byFrontier.get(frontier.id) ?? [] })),
  ];
}

function idOfModel({ frontier, analogs }: Model): string {
  return frontier?.id ?? analogs[0]?.id ?? '';
}

/** @param items the oldest first @returns `next`: what to ask for after; null at the end */
function newestFirst<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  { limit, after }: z.infer<typeof page>,
): { readonly items: readonly T[]; readonly next: string | null } {
  const end = after === undefined ? items.length : items.findIndex((item) => idOf(item) === after);
  if (end < 0) throw notFound('page: what it came after is not in the record');
  const from = Math.max(0, end - limit);
  const taken = items.slice(from, end).reverse();
  const last = taken.at(-1);
  return { items: taken, next: from === 0 || last === undefined ? null : idOf(last) };
}
