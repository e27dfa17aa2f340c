import { compareText } from '../base/bytes.ts';
import type { ContentId, MemberKey, MessageId } from '../base/ids.ts';
import type { CharterMember, Kind, PinCheckEntry } from '../kinds/index.ts';
import { isOf, type KeptOf } from './kept.ts';
import type { MemberSource } from './member-entries.ts';
import type { PinCheckRecord, PinEntry } from './record.ts';

export interface PinSource extends MemberSource {
  established(key: MemberKey, sequence: number): number | null;
}

/** What one member has said of one checkpoint. */
interface Promised {
  readonly keeper: CharterMember;
  /** Its last word. */
  last: KeptOf<'pin/1'>;
  /** The last word of each other member, by name: checks of any promise of the keeper for this checkpoint. */
  readonly checks: Map<string, PinCheckRecord>;
}

/** spec 08-record §3.10 */
export function pinEntries(source: PinSource): PinEntry[] {
  const promises = promisesIn(source);
  for (const checker of source.history.current.document.members) addChecks(source, checker, promises);
  return [...new Set(promises.values())]
    .flatMap(({ keeper, last, checks }) => {
      const { checkpoint, until } = last.body;
      if (until === null) return [];
      return {
        id: last.id,
        checkpoint: checkpoint.cid,
        member: keeper.name,
        organisation: keeper.organisation,
        established: source.established(last.author, last.sequence),
        until,
        checks: [...checks.values()].sort((a, b) => compareText(a.member, b.member)),
      };
    })
    .sort((a, b) => compareText(a.checkpoint, b.checkpoint) || compareText(a.member, b.member));
}

/** By the id of every counted promise, taken back or not. */
function promisesIn(source: PinSource): Map<MessageId, Promised> {
  const promises = new Map<MessageId, Promised>();
  for (const keeper of source.history.current.document.members) {
    const byCheckpoint = new Map<ContentId, Promised>();
    for (const pin of saidBy(source, keeper, 'pin/1')) {
      const { cid } = pin.body.checkpoint;
      const promised = byCheckpoint.get(cid) ?? { keeper, last: pin, checks: new Map() };
      promised.last = pin;
      byCheckpoint.set(cid, promised);
      promises.set(pin.id, promised);
    }
  }
  return promises;
}

function addChecks(source: PinSource, checker: CharterMember, promises: Map<MessageId, Promised>): void {
  for (const { id, author, sequence, body } of saidBy(source, checker, 'pin-check/1')) {
    for (const entry of body.entries) {
      const promised = promises.get(entry.pin);
      if (promised === undefined || promised.keeper.organisation === checker.organisation) continue;
      promised.checks.set(checker.name, recordOf(entry, checker, id, source.established(author, sequence)));
    }
  }
}

function recordOf(
  { at, asked, answered, fault }: PinCheckEntry,
  { name, organisation }: CharterMember,
  id: MessageId,
  established: number | null,
): PinCheckRecord {
  return { id, member: name, organisation, established, at, asked, answered, fault };
}

/** Counted messages of a member, its oldest key first, each feed in order: a later word stands after an earlier one. */
function* saidBy<K extends Kind>(
  { history, feed, counts }: PinSource,
  { name }: CharterMember,
  kind: K,
): Iterable<KeptOf<K>> {
  for (const key of history.keysOf(name)) {
    const held = feed(key);
    if (held === null) continue;
    for (const [sequence, message] of held.kept)
      if (isOf(message, kind) && counts(held, sequence)) yield message;
  }
}
