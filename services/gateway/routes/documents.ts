import { z } from 'zod';
import { json, NOT_MODIFIED } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import { asyncApiOf } from '../api/asyncapi.ts';
import { openApiOf } from '../api/openapi.ts';
import { IF_NONE_MATCH, sendTagged } from '../entity-tag.ts';

export interface DocumentedNode {
  readonly version: string;
  readonly federation: string;
  readonly reads: 'open' | 'token';
}

/** The API and the events of this node, described for programs. */
export function documentRoutes(api: Api, node: DocumentedNode): void {
  const documents = [
    ['/openapi.json', 'getOpenApi', 'This document (OpenAPI 3.1).', () => openApiOf(api.operations, node)],
    ['/asyncapi.json', 'getAsyncApi', 'The events of the node (AsyncAPI 3.0).', () => asyncApiOf(node)],
  ] as const;
  for (const [url, id, summary, make] of documents) {
    let text: string | null = null;
    api.serve(
      {
        method: 'GET',
        url,
        id,
        tag: 'node',
        access: 'read',
        summary,
        headers: IF_NONE_MATCH,
        answers: {
          200: { description: 'The document.', content: json(z.record(z.string(), z.unknown())) },
          304: NOT_MODIFIED,
        },
      },
      ({ request, reply }) => {
        text ??= JSON.stringify(make());
        return sendTagged({ request, reply: reply.type('application/json; charset=utf-8') }, text);
      },
    );
  }
}
