import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { added, json } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import type { GatewayNode } from '../ports.ts';

const addition = z.strictObject({
  directory: z.string().max(4_096).refine(isAbsolute, "an absolute path on the node's machine"),
});

/** Directories into the store, for the owner. */
export function contentRoutes(api: Api, node: GatewayNode, closing: AbortSignal): void {
  api.serve(
    {
      method: 'POST',
      url: '/content',
      id: 'addContent',
      tag: 'content',
      access: 'owner',
      summary: 'A directory on the machine of the node joins the content store, referenced in place.',
      body: addition,
      answers: { 201: { description: 'Its CID, size and files.', content: json(added) } },
      refuses: ['request-refused', 'permission-denied', 'disk-full'],
    },
    async ({ body: { directory }, reply }) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const done = await node.addContent(directory, { signal: AbortSignal.any([gone.signal, closing]) });
      if (!done.ok) {
        const { reason, detail } = done;
        throw new OversightError('request-refused', `${reason}: ${detail}`, { details: { reason } });
      }
      return reply.code(201).send(done.value);
    },
  );
}
