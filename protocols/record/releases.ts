import { isWithheld, type Withheld } from '../kinds/index.ts';
import type { KeptOf } from './kept.ts';
import type { AnalogEntry, FrontierEntry, WithheldEntry } from './record.ts';

/** @param charter version that governs the message */
export function frontierEntry(
  { id, author, body }: KeptOf<'frontier-release/1'>,
  established: number | null,
  charter: number,
): FrontierEntry {
  const { model, scale } = body;
  const noReason = { field: 'parameters', reason: null, retainedUntil: null };
  return {
    id,
    author,
    established,
    name: model.name,
    version: model.version,
    modelType: model.modelType,
    parameters: shown(model.parameters),
    deployedOn: body.deployedOn,
    checkpoint: body.checkpoint?.cid ?? null,
    charter,
    access: body.access,
    tokenizer: shown(model.tokenizer),
    training: shown(body.training),
    operations: shown(scale?.operations),
    users: shown(scale?.users),
    revenueUsd: shown(scale?.revenueUsd),
    holders: body.holders ?? null,
    withheld: [
      ...(model.parameters === null ? [noReason] : []),
      ...withheldIn({
        parameters: model.parameters,
        tokenizer: model.tokenizer,
        training: body.training,
        operations: scale?.operations,
        users: scale?.users,
        revenueUsd: scale?.revenueUsd,
      }),
    ],
  };
}

/** @param frontier the release it names, of its own lab; null where there is none */
export function analogEntry(
  { id, author, body }: KeptOf<'analog-release/1'>,
  frontier: KeptOf<'frontier-release/1'> | null,
  established: number | null,
): AnalogEntry {
  const size = shown(frontier?.body.model.parameters);
  return {
    id,
    author,
    established,
    name: body.model.name,
    version: body.model.version,
    modelType: body.model.modelType,
    parameters: body.model.parameters,
    licence: body.licence,
    checkpoint: body.checkpoint.cid,
    frontier: frontier?.id ?? null,
    ratioPpm: size === null ? null : ratioPpm(body.model.parameters, size),
    restrictions: body.restrictions ?? [],
    tokenizer: body.model.tokenizer ?? null,
    training: shown(body.training),
    distilledFrom: body.distilledFrom ?? null,
    withheld: withheldIn({ training: body.training }),
  };
}

/** What stands in the field; null where it is withheld or not there. */
function shown<T>(field: T | Withheld | null | undefined): T | null {
  return field === undefined || isWithheld(field) ? null : field;
}

function withheldIn(fields: Readonly<Record<string, unknown>>): WithheldEntry[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    if (!isWithheld(value)) return [];
    const { reason, retainedUntil } = value.withheld;
    return [{ field, reason, retainedUntil }];
  });
}

/** In big integers: the product can pass 2^53. */
function ratioPpm(part: number, whole: number): number {
  return Number((BigInt(part) * 1_000_000n) / BigInt(whole));
}
