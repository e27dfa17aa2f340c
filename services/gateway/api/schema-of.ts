import { z } from 'zod';
import { contentId, messageId } from '../../../protocols/kinds/index.ts';

/** What Zod checks by a function, as the JSON Schema that is nearest: CIDs of version 1 in base32. */
const BY_FUNCTION = new Map<unknown, object>([
  [messageId, { type: 'string', pattern: '^bafyrei[a-z2-7]{52}$', description: 'Id of a message.' }],
  [contentId, { type: 'string', pattern: '^baf[a-z2-7]{56}$', description: 'CID of content.' }],
]);

/**
 * JSON Schema 2020-12 of what a request may hold (`input`) or an answer holds (`output`).
 * What only a function knows is left open, as the schema may allow more than the node and never less.
 */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const known = BY_FUNCTION.get(zodSchema);
      if (known !== undefined) Object.assign(jsonSchema, known);
    },
  });
  return rest as Record<string, unknown>;
}
