import type { RecordAnswer } from '../answers.ts';
import { clean, fields, wrap } from '../terminal.ts';
import { namesOf } from './record.ts';

/** Where the charter stands: what is in force, what was, and what is asked of the members. */
export function charterStateView(record: RecordAnswer): string {
  const { charter, proposals } = record;
  const versions = charter.history.toReversed();
  return [
    clean(record.name),
    fields(
      versions.map(({ version, id }): [string, string] => [
        `version ${version}${version === charter.version ? ', in force' : ''}`,
        clean(id),
      ]),
    ),
    '',
    'Open proposals',
    ...(proposals.length === 0 ? ['  none'] : proposals.map((each) => proposalView(each, namesOf(record)))),
  ].join('\n');
}

function proposalView(
  { id, author, version, reason, consents, needed }: RecordAnswer['proposals'][number],
  nameOf: (key: string) => string,
): string {
  const given = consents.length === 0 ? 'none yet' : consents.map(clean).join(', ');
  return [
    wrap(`version ${version}, proposed by ${nameOf(author)}: ${clean(reason)}`, '  '),
    wrap(`consents: ${consents.length} of the ${needed} needed (${given})`, '    '),
    `    proposal ${clean(id)}`,
  ].join('\n');
}
