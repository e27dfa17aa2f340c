import { isPlainObject, type PlainObject } from '../../../../protocols/base/plain.ts';

/** Where in a message's body each field stands that the page shows of it. `.` goes into an object. */
const PLACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'frontier-release/1': {
    name: 'model.name',
    version: 'model.version',
    modelType: 'model.modelType',
    parameters: 'model.parameters',
    deployedOn: 'deployedOn',
    checkpoint: 'checkpoint.cid',
    access: 'access',
    holders: 'holders',
  },
  'analog-release/1': {
    name: 'model.name',
    version: 'model.version',
    modelType: 'model.modelType',
    parameters: 'model.parameters',
    licence: 'licence',
    checkpoint: 'checkpoint.cid',
    frontier: 'frontier',
  },
  'finding/1': {
    title: 'title',
    intervention: 'intervention.cid',
    suite: 'suite.cid',
    source: 'source.checkpoint',
    target: 'target.checkpoint',
    claim: 'claim',
  },
  'verdict/1': {
    outcome: 'outcome',
    counts: 'counts',
    estimates: 'estimates',
    evidence: 'evidence.cid',
  },
};

/** Fields that are shown otherwise than the message states them. @param shown as the node's record has them */
export function differingFields(
  kind: string,
  body: PlainObject,
  shown: Readonly<Record<string, unknown>>,
): string[] {
  const places = PLACES[kind] ?? {};
  return Object.entries(places)
    .filter(([field, path]) => {
      if (!Object.hasOwn(shown, field)) return false;
      const stated = at(body, path);
      // withheld, and what belongs to another lab's model, shows as nothing
      if (shown[field] === null && (isPlainObject(stated) || field === 'frontier')) return false;
      return canonical(shown[field]) !== canonical(stated);
    })
    .map(([field]) => field);
}

function at(body: unknown, path: string): unknown {
  let value: unknown = body;
  for (const name of path.split('.'))
    value = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : null;
  return value;
}

/** One text for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, each: unknown) =>
    isPlainObject(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
