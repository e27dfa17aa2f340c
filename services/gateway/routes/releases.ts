import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { added } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import type { GatewayNode } from '../ports.ts';
import { LINES_TYPE, linesOf, sendLines } from '../progress-lines.ts';

const release = z.strictObject({
  directory: z.string().max(4_096).refine(isAbsolute, "an absolute path on the node's machine"),
  /** Of the model, inside the signature. */
  name: z.string().min(1).max(200),
});

/** Signs and adds a checkpoint, for the owner; told as it goes on, last `{added}`. */
export function releaseRoutes(api: Api, node: GatewayNode, closing: AbortSignal): void {
  api.serve(
    {
      method: 'POST',
      url: '/releases',
      id: 'addRelease',
      tag: 'content',
      access: 'owner',
      summary: 'Reads a directory once, signs it (`model.sig`) and adds it to the content store.',
      body: release,
      answers: {
        200: {
          description: 'A JSON document a line: progress, last `added` or `problem`.',
          content: { [LINES_TYPE]: linesOf({ added }) },
        },
      },
    },
    ({ body, reply }) =>
      sendLines(reply, closing, async (watched) => ({ added: await node.addRelease(body, watched) })),
  );
}
