import { isWithheld, type Withheld } from '../kinds/index.ts';
import type { KeptOf } from './kept.ts';
import type { AnalogEntry, FrontierEntry, WithheldEntry } from './record.ts';

/** A size of null: withheld, and nothing said of why. */
const SIZE_UNSAID: WithheldEntry = {
  field: '/model/parameters',
  reason: null,
  retainedUntil: null,
  commitment: null,
  sealedTo: [],
  opened: null,
};

/** @param charter version that governs the message */
export function frontierEntry(
  { id, author, body }: KeptOf<'frontier-release/1'>,
  established: number | null,
  charter: number,
  withheld: readonly WithheldEntry[],
): FrontierEntry {
  const { model, scale } = body;
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
    holders: shown(body.holders),
    withheld: model.parameters === null ? [SIZE_UNSAID, ...withheld] : withheld,
  };
}

/** @param frontier the release it names, of its own lab; null where there is none */
export function analogEntry(
  { id, author, body }: KeptOf<'analog-release/1'>,
  frontier: KeptOf<'frontier-release/1'> | null,
  established: number | null,
  withheld: readonly WithheldEntry[],
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
    withheld,
  };
}

/** What stands in the field; null where it is withheld or not there. */
function shown<T>(field: T | Withheld | null | undefined): T | null {
  return field === undefined || isWithheld(field) ? null : field;
}

/** In big integers: the product can pass 2^53. */
function ratioPpm(part: number, whole: number): number {
  return Number((BigInt(part) * 1_000_000n) / BigInt(whole));
}
