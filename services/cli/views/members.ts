import type { FormerKeyEntry, MemberEntry, RecordAnswer } from '../answers.ts';
import { clean, clip, columns, wrap } from '../terminal.ts';
import { dateOf } from './time.ts';

const NAME_WIDTH = 20;

/** Who takes part, how far each feed goes and is witnessed; then what is out of the ordinary. */
export function membersView({ members, formerMembers, forks }: RecordAnswer): string {
  const sorted = [...members].sort(byName);
  const absent = sorted.filter(({ ratification }) => ratification === null);
  const stopped = sorted.filter(({ feed }) => feed.stop !== null);
  const former = [...members, ...formerMembers]
    .sort(byName)
    .flatMap(({ name, former: keys }) => keys.map((key) => formerRow(name, key)));
  return [
    columns([['member', 'roles', 'messages', 'witnessed'], ...sorted.map(memberRow)]),
    ...(absent.length === 0
      ? []
      : ['', wrap(`not yet joined: ${absent.map(({ name }) => clean(name)).join(', ')}`)]),
    ...stopped.map(({ name, feed }) => `${clean(name)} counts no further: ${clean(feed.stop?.reason ?? '')}`),
    ...(former.length === 0 ? [] : ['', columns([['former key of', 'ends in', 'why', 'counts'], ...former])]),
    ...(forks.length === 0 ? [] : ['', 'Forks: two messages, or two heads, signed for one place']),
    ...forks.map(({ name, at, key }) => `  ${clean(name)} at message ${at}, key …${clean(key).slice(-8)}`),
  ].join('\n');
}

function memberRow({ name, roles, feed }: MemberEntry): string[] {
  const { length, witnessed } = feed;
  return [
    clip(clean(name), NAME_WIDTH),
    clip(roles.join(', '), NAME_WIDTH),
    `${length}`,
    witnessed === null ? 'none' : `${witnessed.size} by ${dateOf(witnessed.established)}`,
  ];
}

function formerRow(name: string, { key, reason, last, compromisedAt, feed }: FormerKeyEntry): string[] {
  const why = compromisedAt === null ? reason : `${reason} ${dateOf(compromisedAt)}`;
  const counts = last === null ? 'nothing' : `up to message ${last} (${feed.length} held)`;
  return [clip(clean(name), NAME_WIDTH), `…${clean(key).slice(-8)}`, clean(why), counts];
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
