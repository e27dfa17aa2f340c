import type { PlainObject } from '../../protocols/base/plain.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import type { EventType } from '../gateway/ports.ts';

/** What a version changes for those who hear of members. spec 09-events §3 @param before null where it is not known */
export function charterEvents(
  charter: Charter,
  before: Charter | null,
): { readonly type: EventType; readonly data: PlainObject }[] {
  const { version, former, members } = charter.document;
  const known = new Set(before?.document.former.map(({ key, reason }) => `${key} ${reason}`));
  const current = new Map(members.map(({ name, keys }) => [name, keys.signing]));
  const changes = former
    .filter(({ key, reason }) => !known.has(`${key} ${reason}`))
    .map(({ name, key, last, reason }): { type: EventType; data: PlainObject } => {
      const to = current.get(name);
      return reason === 'rotated' && to !== undefined
        ? { type: 'member.key-rotated', data: { member: name, from: key, to, last } }
        : { type: 'member.revoked', data: { member: name, key, reason, last } };
    });
  return [{ type: 'charter.in-force', data: { version, charter: charter.id } }, ...changes];
}
