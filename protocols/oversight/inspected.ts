import type { InspectedRequirement } from '../kinds/index.ts';
import type { Case } from './case.ts';
import type { StatementOf } from './dossiers.ts';

type Inspection = StatementOf<'inspection/1'>;
type Field = 'parameters' | 'modelType' | 'tokenizer' | 'licence';
type ValueOf<F extends Field> = NonNullable<Inspection['body'][F]>;

/** The last inspection of each member that is not of the lab's organisation. spec 18-oversight §3.4 */
function inspectionsOf(given: Case, checkpoint: string | null): readonly Inspection[] {
  const last = new Map<string, Inspection>();
  for (const each of given.heard('inspection/1')) {
    if (each.body.checkpoint !== checkpoint || given.isOwn(each)) continue;
    last.set(given.dossiers.partyOf(each.author).name, each);
  }
  return [...last.values()];
}

/** What inspections say of one fact: a CID names one sequence of bytes, so there is one truth. null: nobody says. */
export function inspectedFact<F extends Field>(
  given: Case,
  checkpoint: string | null,
  field: F,
): { readonly value: ValueOf<F>; readonly by: Inspection } | 'disagree' | null {
  const said = inspectionsOf(given, checkpoint).flatMap((by) => {
    const value = by.body[field] as ValueOf<F> | null;
    return value === null ? [] : [{ value, by }];
  });
  const [first, ...others] = said;
  if (first === undefined) return null;
  return others.every(({ value }) => value === first.value) ? first : 'disagree';
}

/** What inspections say of requirements of spec 17-releases §2, all of them together. */
export function inspectedParts(
  given: Case,
  checkpoint: string,
  requirements: readonly number[],
): { readonly state: 'met' | 'failed' | 'disagree' | 'unknown'; readonly by: readonly Inspection[] } {
  const by = inspectionsOf(given, checkpoint);
  const states = requirements.map((number) => stateOf(by, number));
  const worst = (['failed', 'disagree', 'unknown'] as const).find((state) => states.includes(state));
  return { state: worst ?? 'met', by };
}

function stateOf(inspections: readonly Inspection[], number: number) {
  const said = inspections
    .flatMap(({ body }) => body.requirements.filter(({ requirement }) => requirement === number))
    .map(({ state }: InspectedRequirement) => state)
    .filter((state) => state !== 'open');
  const [first, ...others] = said;
  if (first === undefined) return 'unknown';
  return others.every((state) => state === first) ? first : 'disagree';
}
