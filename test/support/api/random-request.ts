import { pickBelow } from '../seed.ts';
import type { DescribedOperation, Parameter, Schema } from './document.ts';

type Random = () => number;

export interface RandomRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What breaks what is careless: of every type, and where it can, too long, too deep or of another script. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  '%00',
  '%zz',
  'a'.repeat(3_000),
  '\ud800',
  '‮',
  '🜁',
  '__proto__',
  "' OR 1=1 --",
  [],
  {},
  [[[[[]]]]],
];
const ODD_SHARE = 0.15;
const LIST_MOST = 4;

/** A request as the document allows it, or nearly. @param known values that the node has told, and examples of bodies */
export function randomRequest(
  operation: DescribedOperation,
  random: Random,
  known: { readonly texts: readonly string[]; readonly bodies: readonly unknown[] },
): RandomRequest {
  const pick = <T>(items: readonly T[]): T => items[pickBelow(random, items.length)] as T;
  const value = (schema: Schema): unknown =>
    random() < ODD_SHARE ? pick(ODD) : fromSchema(schema, random, known.texts);
  const textOf = (parameter: Parameter): string => {
    const made =
      random() < 0.6 && known.texts.length > 0 && isFree(parameter)
        ? pick(known.texts)
        : value(parameter.schema);
    return typeof made === 'string' ? made : JSON.stringify(made ?? null);
  };
  const of = (place: Parameter['in']) => operation.parameters.filter((each) => each.in === place);
  let path = operation.path;
  for (const each of of('path')) {
    const text = textOf(each);
    // what cannot be written in an address is left out, and what would be another path is written so that it is none
    const part = encodeURIComponent(text.isWellFormed() ? text || '-' : 'x');
    path = path.replace(`{${each.name}}`, each.name === 'rest' ? part.replaceAll('%2F', '/') : part);
  }
  const query = new URLSearchParams(
    of('query')
      .filter(({ required }) => required || random() < 0.4)
      .map((each): [string, string] => [each.name, textOf(each).slice(0, 500)]),
  );
  const headers = Object.fromEntries(
    of('header')
      .filter(() => random() < 0.2)
      .map(({ name }) => [
        name,
        pick(['*/*', '"x"', '*', 'application/cbor', 'bytes=0-1', '7', 'application/vnd.ipld.raw']),
      ]),
  );
  const schema = operation.requestBody?.content['application/json'].schema;
  const body =
    schema === undefined ? null : JSON.stringify(random() < 0.3 ? pick(known.bodies) : value(schema));
  return { method: operation.method, path: `${path}${query.size > 0 ? `?${query}` : ''}`, headers, body };
}

/** A value of a text that nothing but a pattern describes: what the node has told is likelier to fit. */
function isFree({ schema }: Parameter): boolean {
  return schema['enum'] === undefined && (schema['type'] === undefined || schema['type'] === 'string');
}

function fromSchema(schema: Schema, random: Random, texts: readonly string[]): unknown {
  const pick = <T>(items: readonly T[]): T => items[pickBelow(random, items.length)] as T;
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return fromSchema(pick(choices) as Schema, random, texts);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return pick(schema['enum']);
  switch (schema['type']) {
    case 'string':
      return texts.length > 0 && random() < 0.7
        ? pick(texts)
        : pick(['finding/1', 'https://example.org/hook', '/tmp/x', 'a']);
    case 'integer':
    case 'number':
      return pick([
        0,
        1,
        7,
        100,
        Number(schema['minimum'] ?? 0),
        Math.min(Number(schema['maximum'] ?? 1e6), 1e15),
      ]);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: pickBelow(random, LIST_MOST) }, () =>
        fromSchema((schema['items'] ?? {}) as Schema, random, texts),
      );
    default:
      return fromProperties(schema, random, texts);
  }
}

function fromProperties(schema: Schema, random: Random, texts: readonly string[]): unknown {
  const required = new Set((schema['required'] ?? []) as string[]);
  return Object.fromEntries(
    Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
      .filter(([name]) => required.has(name) || random() < 0.5)
      .map(([name, each]) => [
        name,
        random() < ODD_SHARE ? pickBelow(random, 9) : fromSchema(each, random, texts),
      ]),
  );
}
