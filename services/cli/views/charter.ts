import type { Charter } from '../../../protocols/charter/index.ts';
import {
  type CharterDocument,
  type CharterMember,
  type Former,
  POLICY_SECTIONS,
} from '../../../protocols/kinds/index.ts';
import { oversightPolicyOf } from '../../../protocols/oversight/index.ts';
import { clean, clip, columns, fields } from '../terminal.ts';
import { dateOf } from './time.ts';

export function charterView({ id, document }: Pick<Charter, 'id' | 'document'>, federation: string): string {
  const { verification, amendment, witness } = document.policy;
  return [
    fields([
      ['federation', federation],
      ...(id === federation ? [] : [['charter', id] as const]),
      ['version', `${document.version}`],
      ['name', clean(document.name)],
      ['amended by', `more than ${amendment.consentPpm / 10_000} % of the members`],
      [
        'quorum',
        `${verification.quorum} of the verifying organisations; ${verification.controls} random controls a re-run`,
      ],
      ['witnesses', witness.quorum === null ? 'none asked for' : witnessWords(document, witness.quorum)],
      ['analogs', oversightWords(document)],
    ]),
    '',
    columns([
      ['member', 'organisation', 'roles'],
      ...document.members.map((member) => [
        clip(member.name, 24),
        clip(clean(member.organisation), 26),
        member.roles.join(', '),
      ]),
    ]),
    ...(document.former.length === 0
      ? []
      : ['', columns([['former key of', 'why', 'counts up to'], ...document.former.map(formerRow)])]),
  ].join('\n');
}

/** What labs owe, in one line. */
function oversightWords(document: CharterDocument): string {
  const { ratioPpm, window, phases } = oversightPolicyOf(document);
  const owed = phases.map(({ from, mode }) => `${mode} from ${from}`).join(', ');
  const size = `${ratioPpm.from / 10_000} % to ${ratioPpm.to / 10_000} % of the model`;
  return `${size}, ${window.fromMonths} to ${window.toMonths} months after it; ${owed === '' ? 'voluntary' : owed}`;
}

function formerRow({ name, reason, last, compromisedAt }: Former): string[] {
  const why = compromisedAt === undefined ? reason : `${reason} ${dateOf(compromisedAt)}`;
  return [clip(name, 24), why, last === null ? 'nothing' : `message ${last}`];
}

function witnessWords({ policy }: CharterDocument, name: string): string {
  const group = policy.witness.groups.find((each) => each.name === name);
  if (group === undefined) return name;
  const parts = group.members.map((member) => witnessWords({ policy } as CharterDocument, member));
  return `${group.threshold} of (${parts.join(', ')})`;
}

/** What the second charter has that the first has not, one line a change. */
export function charterChanges(before: CharterDocument, after: CharterDocument): string[] {
  const lines: string[] = [];
  if (after.name !== before.name) lines.push(`the federation is named “${clean(after.name)}”`);
  const old = new Map(before.members.map((member) => [member.name, member]));
  const fresh = new Map(after.members.map((member) => [member.name, member]));
  const wentWith = new Map(after.former.map((entry) => [entry.key, entry]));
  for (const member of after.members) {
    lines.push(...memberChanges(old.get(member.name), member, wentWith, before.former));
  }
  for (const { name, keys } of before.members) {
    if (!fresh.has(name)) lines.push(`${name} leaves${countsWords(wentWith.get(keys.signing))}`);
  }
  const said = new Set(before.members.map(({ keys }) => keys.signing as string));
  for (const entry of after.former) {
    const earlier = before.former.find(({ key }) => key === entry.key);
    if (said.has(entry.key) || (earlier !== undefined && isSame(earlier, entry))) continue;
    lines.push(`the former key of ${entry.name} ends in …${entry.key.slice(-8)}:${countsWords(entry)}`);
  }
  for (const section of POLICY_SECTIONS) {
    const [was, is] = [before.policy[section], after.policy[section]];
    if (!isSame(was, is))
      lines.push(`${section} policy: ${JSON.stringify(was)} becomes ${JSON.stringify(is)}`);
  }
  return lines;
}

function memberChanges(
  old: CharterMember | undefined,
  member: CharterMember,
  wentWith: ReadonlyMap<string, Former>,
  former: readonly Former[],
): string[] {
  const { name, organisation, roles, keys } = member;
  if (old === undefined) {
    const again = former.some((entry) => entry.name === name) ? 'comes back' : 'joins';
    return [`${name} (${clean(organisation)}) ${again} as ${roles.join(', ')}`];
  }
  const lines: string[] = [];
  if (old.organisation !== organisation) lines.push(`${name} belongs to ${clean(organisation)}`);
  if (!isSame([...old.roles].sort(), [...roles].sort()))
    lines.push(`${name} is ${roles.join(', ')} instead of ${old.roles.join(', ')}`);
  if (old.keys.signing !== keys.signing)
    lines.push(
      `${name} gets a new key, …${keys.signing.slice(-8)}${countsWords(wentWith.get(old.keys.signing))}`,
    );
  return lines;
}

/** What of a key's feed still counts. */
function countsWords(entry: Former | undefined): string {
  if (entry === undefined) return '';
  const { last, compromisedAt } = entry;
  const part = last === null ? '; nothing it said counts' : `; what it said counts up to message ${last}`;
  if (compromisedAt === undefined) return part;
  return `${part}, and only what was witnessed before ${dateOf(compromisedAt)}`;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
