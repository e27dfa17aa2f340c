import type { FindingEntry, MemberEntry, RecordAnswer } from '../answers.ts';
import { clean, clip, columns, fields, WIDTH, wrap } from '../terminal.ts';
import { percent } from './counts.ts';

export function recordView(record: RecordAnswer, digest: string): string {
  const { findings } = record;
  const standing = (name: string) => findings.filter((finding) => finding.standing === name).length;
  return [
    clean(record.name),
    fields([
      ['federation', record.federation],
      ['digest', digest],
      [
        'charter',
        `version ${record.charter.version}${record.proposals.length === 0 ? '' : `, ${record.proposals.length} open proposals`}`,
      ],
      ['members', `${record.members.length}`],
      [
        'findings',
        `${standing('confirmed')} confirmed, ${standing('refuted')} refuted, ${standing('open') + standing('disputed')} open`,
      ],
    ]),
    '',
    'Releases',
    releasesView(record),
    '',
    'Findings',
    findingsView(findings),
  ].join('\n');
}

export function releasesView(record: RecordAnswer): string {
  const { frontierReleases, analogReleases } = record;
  if (frontierReleases.length + analogReleases.length === 0) return '  none yet';
  const nameOf = namesOf(record);
  const analogLines = (frontier: string | null) =>
    analogReleases
      .filter((analog) => analog.frontier === frontier)
      .flatMap((analog) => [
        wrap(
          clean(
            `analog ${analog.name} ${analog.version}: ${grouped(analog.parameters)} parameters, ${
              analog.ratioPpm === null ? 'share unknown' : percent(analog.ratioPpm)
            }, ${analog.licence}`,
          ),
          '    ',
        ),
        `      checkpoint ${analog.checkpoint}`,
      ]);
  const lines = frontierReleases.flatMap((frontier) => {
    const size =
      frontier.parameters === null ? 'size withheld' : `${grouped(frontier.parameters)} parameters`;
    const text = `${frontier.name} ${frontier.version}: ${size}, in use since ${frontier.deployedOn}, by ${nameOf(frontier.author)}`;
    const analogs = analogLines(frontier.id);
    return [wrap(clean(text), '  '), ...(analogs.length === 0 ? ['    no analog yet'] : analogs)];
  });
  const orphans = analogLines(null);
  return [...lines, ...(orphans.length === 0 ? [] : ['  frontier model not in the record', ...orphans])].join(
    '\n',
  );
}

export function findingsView(findings: readonly FindingEntry[]): string {
  if (findings.length === 0) return '  none yet';
  return findings
    .map(
      ({ standing, title, id }) =>
        `  ${standing.padEnd(9)}  ${clip(clean(title), WIDTH - 13)}\n             ${id}`,
    )
    .join('\n');
}

export function membersView(members: readonly MemberEntry[]): string {
  const rows = [...members]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((member) => [
      clip(clean(member.name), 24),
      clip(member.roles.join(', '), 20),
      member.ratification === null ? 'not yet' : 'yes',
      member.feed.stop === null
        ? `${member.feed.length}`
        : `${member.feed.length}, stopped: ${clean(member.feed.stop.reason)}`,
    ]);
  return columns([['member', 'roles', 'joined', 'messages'], ...rows]);
}

/** Of members and former ones, by whichever of their keys. */
export function namesOf({
  members,
  formerMembers,
}: Pick<RecordAnswer, 'members' | 'formerMembers'>): (key: string) => string {
  const names = new Map([
    ...members.map(({ key, name }) => [key, name] as const),
    ...[...members, ...formerMembers].flatMap(({ name, former }) =>
      former.map(({ key }) => [key, name] as const),
    ),
  ]);
  return (key) => clean(names.get(key) ?? key);
}

export function grouped(integer: number): string {
  return integer.toLocaleString('en');
}
