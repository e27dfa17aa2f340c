import { accept, type Result, refuse } from '../base/result.ts';
import type { CharterChange, CharterDocument, CharterProposalBody } from '../kinds/index.ts';
import { type Charter, type CharterRefusal, type ReadOptions, readCharter } from './charter.ts';
import { findBreach, type SuccessionRefusal } from './succession.ts';

export type ProposalRefusal =
  | CharterRefusal
  | SuccessionRefusal
  | 'proposal-not-next'
  | 'proposal-since-missing'
  | 'proposal-not-its-charter';

/** The document that a proposal makes of the one before it, not checked. spec 06-charter §6.2 */
export function applyChanges(
  { document, id }: Charter,
  { changes, since }: Pick<CharterProposalBody, 'changes' | 'since'>,
): Record<string, unknown> {
  const next = { ...document, version: document.version + 1, previous: id };
  for (const change of changes) applyOne(next, change);
  next.members = next.members.map((member, i) => ({ ...member, since: since[i] ?? 0 }));
  return next;
}

function applyOne(next: CharterDocument, change: CharterChange): void {
  switch (change.change) {
    case 'name':
      next.name = change.name;
      return;
    case 'member':
      next.members = put(next.members, { ...change.member, since: 0 }, ({ name }) => name);
      return;
    case 'remove-member':
      next.members = next.members.filter(({ name }) => name !== change.name);
      return;
    case 'former':
      next.former = put(next.former, change.former, ({ key }) => key);
      return;
    case 'policy':
      // read again with the whole document
      next.policy = { ...next.policy, [change.section]: change.value } as CharterDocument['policy'];
      return;
  }
}

/** In the place of the entry of the same name, or at the end. */
function put<T>(list: readonly T[], entry: T, nameOf: (entry: T) => string): T[] {
  const at = list.findIndex((each) => nameOf(each) === nameOf(entry));
  return at === -1 ? [...list, entry] : list.with(at, entry);
}

/** The charter that a proposal would bring into force after `previous`. spec 06-charter §6.3 */
export function readProposal(
  previous: Charter,
  body: CharterProposalBody,
  options: Omit<ReadOptions, 'known'> = {},
): Result<Charter, ProposalRefusal> {
  // spec 06-charter §6.3
  if (body.previous !== previous.id || body.version !== previous.document.version + 1)
    return refuse('proposal-not-next', 'the proposal changes another version');
  // spec 06-charter §6.3
  const charter = readCharter(applyChanges(previous, body), { ...options, known: previous.members });
  if (!charter.ok) return charter;
  // spec 06-charter §6.3
  if (charter.value.document.members.length !== body.since.length)
    return refuse('proposal-since-missing', '`since` does not have one number for each member');
  // spec 06-charter §6.3
  if (charter.value.id !== body.charter)
    return refuse('proposal-not-its-charter', `the changes give ${charter.value.id}`);
  // spec 06-charter §5
  const breach = findBreach(previous.document, charter.value.document);
  return breach ?? accept(charter.value);
}
