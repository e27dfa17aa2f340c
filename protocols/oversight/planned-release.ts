import type { MemberKey, MessageId } from '../base/ids.ts';
import type { AnalogReleaseBody, InspectionBody } from '../kinds/index.ts';
import { isWithheld } from '../kinds/index.ts';
import type { AnalogEntry, OversightRecord } from '../record/index.ts';

/** What a lab is about to publish, and what its own directory holds. */
export interface PlannedRelease {
  readonly notice: AnalogReleaseBody;
  readonly found: InspectionBody;
}

/** Names that no message has. */
export const PLANNED_ID = 'planned-release' as MessageId;
const DIRECTORY = 'this directory';

/**
 * The record as it would be if the release came at that moment and someone else found in its bytes what is there, in
 * the place of the analogs that the model has. spec 18-oversight §7.3
 * @param at milliseconds since 1970
 */
export function withPlanned(
  record: OversightRecord,
  { notice, found }: PlannedRelease,
  at: number,
): OversightRecord {
  const frontier = record.frontierReleases.find(({ id }) => id === notice.frontier);
  const analog: AnalogEntry = {
    id: PLANNED_ID,
    author: frontier?.author ?? (DIRECTORY as MemberKey),
    established: at,
    name: notice.model.name,
    version: notice.model.version,
    modelType: notice.model.modelType,
    parameters: notice.model.parameters,
    licence: notice.licence,
    checkpoint: notice.checkpoint.cid,
    frontier: notice.frontier,
    ratioPpm: null,
    restrictions: notice.restrictions ?? [],
    tokenizer: notice.model.tokenizer ?? null,
    training: notice.training === undefined || isWithheld(notice.training) ? null : notice.training,
    distilledFrom: notice.distilledFrom ?? null,
    withheld: [],
  };
  return {
    ...record,
    analogReleases: [...record.analogReleases.filter((each) => each.frontier !== notice.frontier), analog],
    statements: [
      ...record.statements,
      {
        id: `${PLANNED_ID}-inspection` as MessageId,
        author: DIRECTORY as MemberKey,
        established: at,
        kind: 'inspection/1',
        body: found,
      },
    ],
  };
}
