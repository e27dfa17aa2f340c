import type { MemberKey } from '../base/ids.ts';
import type { Charter } from '../charter/index.ts';
import type { Kind } from '../kinds/index.ts';
import type { CharterInForce, PendingProposal } from './charter-tally.ts';
import { isOf, type Kept, type KeptOf } from './kept.ts';
import { forkEntries, formerMemberEntries, type MemberSource, memberEntries } from './member-entries.ts';
import { inOrder } from './order.ts';
import { pinEntries } from './pins.ts';
import type { OversightRecord } from './record.ts';
import { analogEntry, frontierEntry } from './releases.ts';
import { statementEntries } from './statements.ts';
import { withheldReader } from './withheld.ts';

/** What the record is written from. */
export interface RecordSource extends MemberSource {
  readonly inForce: readonly CharterInForce[];
  readonly proposals: readonly PendingProposal[];
  /** Counted messages of the kinds that are kept, in any order. */
  readonly counted: readonly Kept[];
  established(key: MemberKey, sequence: number): number | null;
}

/** Writes the record out, everything in its fixed order, but for the findings. spec 08-record §3 */
export function buildOversightRecord(source: RecordSource): OversightRecord {
  const { history, inForce, proposals, counted } = source;
  const { id, document } = history.current;
  const establishedOf = ({ author, sequence }: Pick<Kept, 'author' | 'sequence'>) =>
    source.established(author, sequence);
  const frontiers = select(counted, 'frontier-release/1');
  const nameOf = (key: MemberKey) => history.of(key)?.name;
  const federation = (history.charters[0] as Charter).id;
  const disclosures = select(counted, 'disclosure/1');
  const withheldIn = withheldReader({ federation, disclosures, nameOf, establishedOf });
  return {
    v: 1,
    federation,
    name: document.name,
    charter: {
      version: document.version,
      id,
      history: inForce.map(({ charter, proposal }) => ({
        version: charter.document.version,
        id: charter.id,
        proposal,
      })),
    },
    proposals,
    members: memberEntries(source),
    formerMembers: formerMemberEntries(source),
    forks: forkEntries(source),
    frontierReleases: frontiers.map((each) => {
      const { document } = history.governing(each.author, each.sequence)?.charter ?? history.current;
      return frontierEntry(each, establishedOf(each), document.version, withheldIn(each));
    }),
    analogReleases: select(counted, 'analog-release/1').map((each) => {
      // a lab answers for its own models only, by whichever of its keys
      const mine = ({ id, author }: Kept) =>
        id === each.body.frontier && nameOf(author) === nameOf(each.author);
      return analogEntry(each, frontiers.find(mine) ?? null, establishedOf(each), withheldIn(each));
    }),
    pins: pinEntries(source),
    statements: statementEntries(counted, establishedOf, withheldIn),
  };
}

function select<K extends Kind>(messages: readonly Kept[], kind: K): (Kept & KeptOf<K>)[] {
  return inOrder(messages.filter((message) => isOf(message, kind)) as (Kept & KeptOf<K>)[]);
}
