import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../../protocols/base/errors.ts';
import { statusOf } from '../problems.ts';
import { type Access, type Answer, type Operation, TAGS } from './operation.ts';
import { schemaOf } from './schema-of.ts';

/** Any route may answer with these. */
const ANY: readonly ErrorCode[] = ['argument-invalid', 'requests-exceeded', 'internal-failure'];
const PROBLEM = 'application/problem+json';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'For people; may change.' }),
    code: z.enum(ERROR_CODES).meta({ description: 'For programs; stays.' }),
    reason: z.string().optional().meta({ description: 'Which check of a message or directory failed.' }),
  })
  .meta({ description: 'RFC 9457' });

/** The OpenAPI 3.1 document of these operations. @param reads whether reading needs a token here */
export function openApiOf(
  operations: readonly Operation[],
  { version, reads }: { readonly version: string; readonly reads: 'open' | 'token' },
): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = pathOf(operation.url);
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation, reads) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Oversight node',
      version,
      description: 'One node of an oversight network over HTTP.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: {
        owner: { type: 'http', scheme: 'bearer', description: "The owner's token, in the node's home." },
        reader: { type: 'http', scheme: 'bearer', description: 'The read token; the owner’s does as well.' },
        readerAsPassword: {
          type: 'http',
          scheme: 'basic',
          description: 'For browsers: any name, and the token.',
        },
      },
    },
  };
}

function describe(operation: Operation, reads: 'open' | 'token'): object {
  const { id, tag, summary, params, query, body, headers, answers, access } = operation;
  const refuses = new Set([
    ...ANY,
    ...(operation.refuses ?? []),
    ...(isGuarded(access, reads) ? (['token-invalid'] as const) : []),
    ...(body === undefined ? [] : (['request-too-large'] as const)),
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: securityOf(access, reads),
    parameters: [
      ...parametersOf('path', params),
      ...parametersOf('query', query),
      ...Object.entries(headers ?? {}).map(([name, description]) => {
        return { name, in: 'header', required: false, description, schema: { type: 'string' } };
      }),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, 'input') } },
          },
        }),
    responses: {
      ...merged(
        Object.fromEntries(
          Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]),
        ),
        refusalsOf([...refuses], operation),
      ),
    },
  };
}

interface Described {
  readonly description: string;
  readonly content?: Readonly<Record<string, object>>;
}

/** One status may be an answer of the route's own and a problem. */
function merged(
  answers: Readonly<Record<string, Described>>,
  refusals: Readonly<Record<string, Described>>,
): Record<string, Described> {
  const out: Record<string, Described> = { ...answers };
  for (const [status, refusal] of Object.entries(refusals)) {
    const own = out[status];
    out[status] =
      own === undefined
        ? refusal
        : {
            description: `${own.description} Or ${refusal.description}.`,
            content: { ...own.content, ...refusal.content },
          };
  }
  return out;
}

function describeAnswer({ description, content }: Answer): Described {
  if (content === undefined) return { description };
  return {
    description,
    content: Object.fromEntries(
      Object.entries(content).map(([type, schema]) => [
        type,
        schema === null ? {} : { schema: schemaOf(schema, 'output') },
      ]),
    ),
  };
}

/** By status: which codes it may carry. */
function refusalsOf(
  codes: readonly ErrorCode[],
  { body, params }: Pick<Operation, 'body' | 'params'>,
): Record<string, Described> {
  const byStatus = new Map<number, string[]>();
  for (const code of codes) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  if (body !== undefined) byStatus.set(415, ['argument-invalid']); // not JSON
  if (params !== undefined) byStatus.set(414, ['argument-invalid']); // a part of the path of more than 100 characters
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      String(status),
      {
        description: `\`${names.join('`, `')}\``,
        content: {
          [PROBLEM]: {
            schema: {
              allOf: [{ $ref: '#/components/schemas/Problem' }],
              // of a failure of the node any code may come
              ...(status >= 500 ? {} : { properties: { code: { enum: names } } }),
            },
          },
        },
      },
    ]),
  );
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: name === '*' ? 'rest' : name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function isGuarded(access: Access, reads: 'open' | 'token'): boolean {
  return access === 'owner' || (access === 'read' && reads === 'token');
}

function securityOf(access: Access, reads: 'open' | 'token'): object[] {
  if (access === 'owner') return [{ owner: [] }];
  return isGuarded(access, reads) ? [{ reader: [] }, { readerAsPassword: [] }, { owner: [] }] : [];
}

/** `/feeds/:key/tile/*` -> `/feeds/{key}/tile/{rest}` */
function pathOf(url: string): string {
  return url.replaceAll(/:([a-z]+)/g, '{$1}').replace('*', '{rest}');
}
