import { z } from 'zod';
import { contentId, messageId } from '../../../protocols/kinds/index.ts';
import { copiesOf } from '../../../protocols/record/index.ts';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import { collectedAnswer, copiesAnswer } from '../answers/node.ts';
import type { Api } from '../api/api.ts';
import { IF_NONE_MATCH, sendDated } from '../entity-tag.ts';
import { moment } from '../moment.ts';
import { inPages, pageOf } from '../paging.ts';
import type { GatewayNode } from '../ports.ts';
import { LINES_TYPE, linesOf, sendLines } from '../progress-lines.ts';

/** `until` in milliseconds since 1970; null takes the promise back. */
const promise = z.strictObject({ cid: contentId, until: z.int().min(0).nullable() });
const collection = z.strictObject({ dryRun: z.boolean() });

/** Promises to keep checkpoints, the copies that they are, and what may go because nobody is promised it. */
export function pinRoutes(api: Api, node: GatewayNode, closing: AbortSignal): void {
  api.serve(
    {
      method: 'GET',
      url: '/copies',
      id: 'getCopies',
      tag: 'content',
      access: 'read',
      summary:
        'Of each released checkpoint who promises to keep it, and whether they could show it; in pages.',
      query: moment.extend(inPages(messageId)),
      headers: IF_NONE_MATCH,
      answers: { 200: { description: 'Copies.', content: json(copiesAnswer) }, 304: NOT_MODIFIED },
      refuses: ['not-found'],
    },
    ({ query: { at = Date.now(), ...asked }, ...exchange }) => {
      const record = node.oversightRecord();
      const released = [...record.frontierReleases, ...record.analogReleases].flatMap(
        ({ id, name, version, author, checkpoint }) =>
          checkpoint === null ? [] : { release: id, name, version, author, checkpoint },
      );
      const { items, next } = pageOf(released, ({ release }) => release, asked);
      const releases = items.map(({ release, name, version, author, checkpoint }) => {
        return { release, name, version, checkpoint, ...copiesOf(record, { author, checkpoint }, at) };
      });
      return sendDated(exchange, { at, releases, next }, { releases, next });
    },
  );
  api.serve(
    {
      method: 'POST',
      url: '/pins',
      id: 'pin',
      tag: 'content',
      access: 'owner',
      summary:
        'Fetches a checkpoint where it is not here and promises to keep it, or takes the promise back.',
      body: promise,
      answers: {
        200: {
          description: 'A JSON document a line: progress, last `message` or `problem`.',
          content: { [LINES_TYPE]: linesOf({ message: z.string() }) },
        },
      },
    },
    ({ body: { cid, until }, reply }) =>
      sendLines(reply, closing, async (watched) => ({
        message: until === null ? await node.unpin(cid) : await node.pin({ cid, until }, watched),
      })),
  );
  api.serve(
    {
      method: 'POST',
      url: '/gc',
      id: 'collectGarbage',
      tag: 'content',
      access: 'owner',
      summary: 'Lists what was fetched and nobody needs, or removes it.',
      body: collection,
      answers: { 200: { description: 'What went, or would go.', content: json(collectedAnswer) } },
    },
    async ({ body: { dryRun } }) => {
      return { dryRun, collected: await node.collectGarbage({ dryRun, signal: closing }) };
    },
  );
}
