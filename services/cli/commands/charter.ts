import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import { type Charter, foundingDocument, readGenesis } from '../../../protocols/charter/index.ts';
import { member as memberSchema } from '../../../protocols/kinds/index.ts';
import type { CommandContext } from '../cli.ts';
import { DEFAULT_POLICY, DEFAULT_VERIFICATION } from '../default-policy.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { readChecked } from '../read-json.ts';
import { clean, clip, columns, fields, wrap } from '../terminal.ts';

interface CreateOptions {
  readonly name: string;
  readonly member: readonly string[];
  readonly quorum: number;
  readonly controls: number;
  readonly out: string;
  readonly json?: boolean;
}

export function addCharter(program: Command, context: CommandContext): void {
  const charter = program.command('charter').description('write or read the charter of a federation');
  charter
    .command('create')
    .description('write a charter from the members’ entries')
    .requiredOption('--name <text>', 'name of the federation')
    .requiredOption('--member <file...>', 'member.json of each member')
    .addOption(
      new Option('--quorum <n>', 'organisations whose verifiers must agree to settle a finding')
        .argParser(wholeNumber(1, 100))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--controls <n>', 'random control vectors in each re-run')
        .argParser(wholeNumber(1, 32))
        .default(DEFAULT_VERIFICATION.controls),
    )
    .requiredOption('--out <file>', 'where to write it; must not exist')
    .option('--json', 'print federation id and file as JSON')
    .action(async (options: CreateOptions) => create(options, context));
  charter
    .command('show <file>')
    .description('check a charter and print its federation id and members')
    .option('--json', 'print the charter with its id')
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const { readCharterFile } = await import('../../node/home.ts');
      const read = await readCharterFile(file);
      if (options.json) {
        return context.print(JSON.stringify({ federation: read.id, charter: read.document }, null, 2));
      }
      context.print(charterView(read));
    });
  charter
    .command('nats-users <file>')
    .description('print the members as users of a NATS server, each with the subjects it needs')
    .action(async (file: string) => {
      const { natsUsers, readCharterFile } = await import('../../node/index.ts');
      context.print(natsUsers(await readCharterFile(file)));
    });
}

async function create(options: CreateOptions, { print, note }: CommandContext): Promise<void> {
  const members = await Promise.all(options.member.map((file) => readChecked(file, memberSchema)));
  const { quorum, controls } = options;
  const read = readGenesis(
    foundingDocument({
      name: options.name,
      nonce: randomBytes(16).toString('hex'),
      members,
      policy: { ...DEFAULT_POLICY, verification: { ...DEFAULT_VERIFICATION, quorum, controls } },
    }),
  );
  if (!read.ok) throw new OversightError('charter-invalid', read.detail);
  const text = `${JSON.stringify(read.value.document, null, 2)}\n`;
  await writeFile(options.out, text, { flag: 'wx' }).catch((error: unknown) => {
    if (!hasErrno(error, 'EEXIST')) throw error;
    throw new OversightError('argument-invalid', `${options.out} exists; a charter is never overwritten`);
  });
  const verifying = members.filter(({ roles }) => roles.includes('verifier'));
  const organisations = new Set(verifying.map(({ organisation }) => organisation)).size;
  if (organisations < quorum) {
    const problem = `only ${organisations} organisations verify, so a quorum of ${quorum} cannot be reached`;
    note(wrap(`warning: ${problem}`));
  }
  if (options.json) return print(JSON.stringify({ federation: read.value.id, file: options.out }));
  print(charterView(read.value));
}

function charterView({ id, document }: Charter): string {
  const { quorum, controls } = document.policy.verification;
  return [
    fields([
      ['federation', id],
      ['name', clean(document.name)],
      ['quorum', `${quorum} of the verifying organisations; ${controls} random controls a re-run`],
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
  ].join('\n');
}
