import { refuse } from '../base/result.ts';
import type { CharterDocument, CharterMember, Former } from '../kinds/index.ts';

export type SuccessionRefusal =
  | 'nonce-changed'
  | 'key-used-before'
  | 'keys-changed-in-part'
  | 'since-not-allowed'
  | 'former-missing'
  | 'former-unfounded'
  | 'former-changed';

type Breach = ReturnType<typeof refuse<SuccessionRefusal>>;

/** What a version may not do to the one before it; null when it may follow. spec 06-charter §5 */
export function findBreach(previous: CharterDocument, next: CharterDocument): Breach | null {
  if (next.nonce !== previous.nonce) return refuse('nonce-changed', 'the nonce stays');
  const before = new Map(previous.members.map((member) => [member.keys.signing, member]));
  const names = new Map(previous.members.map((member) => [member.name, member]));
  for (const member of next.members) {
    const breach = memberBreach(member, before.get(member.keys.signing), names.get(member.name));
    if (breach !== null) return breach;
  }
  return formerBreach(previous, next);
}

/** @param same the member of this key before @param namesake the member of this name before */
function memberBreach(
  { name, keys, since }: CharterMember,
  same: CharterMember | undefined,
  namesake: CharterMember | undefined,
): Breach | null {
  const inherited = same === undefined ? [] : Object.values(pick(same));
  if (same !== undefined) {
    // spec 06-charter §5.2: a key stays with its member
    if (same.name !== name) return refuse('key-used-before', `the key of ${name} is that of ${same.name}`);
    // spec 06-charter §5.3: the keys of a member follow from one seed
    if (Object.values(pick({ keys })).some((key, i) => key !== inherited[i]))
      return refuse('keys-changed-in-part', `${name} changes some of its keys and not its signing key`);
    // spec 06-charter §5.1
    if (since < same.since) return refuse('since-not-allowed', `${name} is governed from earlier on`);
    return null;
  }
  if (since !== 0) return refuse('since-not-allowed', `${name} has a new key, whose feed begins at 0`);
  const old = namesake === undefined ? [] : Object.values(pick(namesake));
  if (Object.values(pick({ keys })).some((key) => old.includes(key)))
    return refuse('keys-changed-in-part', `${name} keeps some of its keys and not its signing key`);
  return null;
}

function pick({ keys: { signing, sealing, libp2p, nats, publication } }: Pick<CharterMember, 'keys'>) {
  return { signing, sealing, libp2p, nats, publication };
}

function formerBreach(previous: CharterDocument, next: CharterDocument): Breach | null {
  const after = new Map(next.former.map((entry) => [entry.key, entry]));
  const current = new Set(next.members.map(({ keys }) => keys.signing));
  // spec 06-charter §5.4: so a key that has been in a charter can never be named again
  for (const entry of previous.former) {
    const kept = after.get(entry.key);
    if (kept === undefined) return refuse('former-missing', `the former key ${entry.key} is left out`);
    const breach = changeBreach(entry, kept);
    if (breach !== null) return breach;
    after.delete(entry.key);
  }
  // spec 06-charter §5.5: every key that goes says how much of it counts
  for (const { name, organisation, keys } of previous.members) {
    if (current.has(keys.signing)) continue;
    const gone = after.get(keys.signing);
    if (gone === undefined)
      return refuse('former-missing', `nothing says how much of the feed of ${name} counts`);
    if (gone.name !== name || gone.organisation !== organisation)
      return refuse('former-changed', `the former key of ${name} is given to another`);
    after.delete(keys.signing);
  }
  const [stranger] = after.keys();
  return stranger === undefined ? null : refuse('former-unfounded', `${stranger} was no member's key`);
}

/** A key may be found compromised later, or to count for less; never for more. spec 06-charter §5.6 */
function changeBreach(entry: Former, kept: Former): Breach | null {
  const isSame = entry.name === kept.name && entry.organisation === kept.organisation;
  const isLess = kept.last === null || (entry.last !== null && kept.last <= entry.last);
  const isWorse =
    kept.reason === 'compromised'
      ? entry.compromisedAt === undefined || (kept.compromisedAt as number) <= entry.compromisedAt
      : kept.reason === entry.reason;
  return isSame && isLess && isWorse
    ? null
    : refuse('former-changed', `the former key ${entry.key} counts for more, or otherwise, than before`);
}
