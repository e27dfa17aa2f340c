import type { KeptOf } from './kept.ts';
import type { AnalogEntry, FrontierEntry } from './record.ts';

export function frontierEntry(
  { id, author, body }: KeptOf<'frontier-release/1'>,
  established: number | null,
): FrontierEntry {
  return {
    id,
    author,
    established,
    name: body.model.name,
    version: body.model.version,
    modelType: body.model.modelType,
    parameters: body.model.parameters,
    deployedOn: body.deployedOn,
    checkpoint: body.checkpoint?.cid ?? null,
  };
}

/** @param frontier the release it names, of its own lab; null where there is none */
export function analogEntry(
  { id, author, body }: KeptOf<'analog-release/1'>,
  frontier: KeptOf<'frontier-release/1'> | null,
  established: number | null,
): AnalogEntry {
  const size = frontier?.body.model.parameters ?? null;
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
  };
}

/** In big integers: the product can pass 2^53. */
function ratioPpm(part: number, whole: number): number {
  return Number((BigInt(part) * 1_000_000n) / BigInt(whole));
}
