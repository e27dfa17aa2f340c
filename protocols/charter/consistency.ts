import type { CharterDocument, CharterWitnessPolicy } from '../kinds/index.ts';

/** What is wrong between the parts of one charter, each of which has its form; null when nothing. spec 06-charter §3.1 */
export function findInconsistency(charter: CharterDocument): string | null {
  const { members, former, policy } = charter;
  if (hasTwice(members.map(({ name }) => name))) return 'two members share a name';
  const keys = members.flatMap(({ keys }) => [
    keys.signing,
    keys.sealing,
    keys.libp2p,
    keys.nats,
    keys.publication,
  ]);
  if (hasTwice([...keys, ...former.map(({ key }) => key)])) return 'one key appears twice';
  if ((charter.version === 0) !== (charter.previous === null))
    return 'previous is null at version 0 and nowhere else';
  const outside = policy.witness.outside.map(({ key }) => key);
  if (hasTwice([...members.map(({ keys }) => keys.signing), ...outside]))
    return 'an outside witness appears twice, or is a member';
  const verifiers = members.filter(({ roles }) => roles.includes('verifier'));
  const voices = new Set(verifiers.map(({ organisation }) => organisation)).size;
  // a federation may begin without verifiers; one that has them must be able to settle a finding
  if (voices > 0 && policy.verification.quorum > voices)
    return 'the quorum is above the organisations that verify';
  const witnesses = members.filter(({ roles }) => roles.includes('witness')).map(({ name }) => name);
  return findWitnessFault(
    policy.witness,
    witnesses,
    members.map(({ name }) => name),
  );
}

/** spec 06-charter §2.3: one namespace; a group names only what stands before it, so that none can be circular. */
function findWitnessFault(
  { outside, groups, quorum }: CharterWitnessPolicy,
  witnesses: readonly string[],
  members: readonly string[],
): string | null {
  const names = [...outside.map(({ name }) => name), ...groups.map(({ name }) => name)];
  if (hasTwice([...members, ...names])) return 'a witness or group has a name that is taken';
  const known = new Set([...witnesses, ...outside.map(({ name }) => name)]);
  // spec 06-charter §2.3: as C2SP policy files have it, each witness can contribute in one way
  if (hasTwice(groups.flatMap(({ members: names }) => names)))
    return 'one stands in two groups, or twice in one';
  for (const group of groups) {
    if (group.threshold > group.members.length) return `group ${group.name} asks for more than it names`;
    const stranger = group.members.find((name) => !known.has(name));
    if (stranger !== undefined)
      return `group ${group.name} names ${stranger}, no witness and no group before it`;
    known.add(group.name);
  }
  const isGroup = quorum === null || groups.some(({ name }) => name === quorum);
  return isGroup ? null : 'the quorum is no group';
}

function hasTwice(values: readonly string[]): boolean {
  return new Set(values).size < values.length;
}
