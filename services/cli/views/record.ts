import { copiesOf } from '../../../protocols/record/index.ts';
import type { FindingEntry, RecordAnswer } from '../answers.ts';
import { clean, clip, fields, WIDTH, wrap } from '../terminal.ts';
import { percent } from './counts.ts';
import { copiesLine } from './pins.ts';
import { knownBy } from './time.ts';

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
      ...(record.forks.length === 0
        ? []
        : [['forks', `${record.forks.length}: see oversight show members`] as const]),
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

/** @param atMs the date for which copies are counted */
export function releasesView(record: RecordAnswer, atMs = Date.now()): string {
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
        `      ${copiesLine(copiesOf(record, analog, atMs))}`,
        `      ${knownBy(analog.established)}`,
      ]);
  const lines = frontierReleases.flatMap((frontier) => {
    const size =
      frontier.parameters === null ? 'size withheld' : `${grouped(frontier.parameters)} parameters`;
    const text = `${frontier.name} ${frontier.version}: ${size}, in use since ${frontier.deployedOn}, by ${nameOf(frontier.author)}`;
    const analogs = analogLines(frontier.id);
    return [
      wrap(clean(text), '  '),
      `    ${knownBy(frontier.established)}`,
      ...(analogs.length === 0 ? ['    no analog yet'] : analogs),
    ];
  });
  const orphans = analogLines(null);
  return [...lines, ...(orphans.length === 0 ? [] : ['  frontier model not in the record', ...orphans])].join(
    '\n',
  );
}

function findingsView(findings: readonly FindingEntry[]): string {
  if (findings.length === 0) return '  none yet';
  return findings
    .map(
      ({ standing, title, id }) =>
        `  ${standing.padEnd(9)}  ${clip(clean(title), WIDTH - 13)}\n             ${id}`,
    )
    .join('\n');
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
