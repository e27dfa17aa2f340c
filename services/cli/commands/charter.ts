import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { foundingDocument, readGenesis } from '../../../protocols/charter/index.ts';
import {
  type CharterPolicy,
  member as memberSchema,
  POLICY_SECTIONS,
} from '../../../protocols/kinds/index.ts';
import { charterHistoryAnswer, statusAnswer } from '../answers.ts';
import { checked, readInForce } from '../charter-reading.ts';
import type { CommandContext } from '../cli.ts';
import { DEFAULT_POLICY, DEFAULT_VERIFICATION } from '../default-policy.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { readPolicySections } from '../policy-file.ts';
import { readChecked } from '../read-json.ts';
import { wrap } from '../terminal.ts';
import { charterChanges, charterView } from '../views/charter.ts';
import { addAmendments } from './amendment.ts';

interface CreateOptions {
  readonly name: string;
  readonly member: readonly string[];
  readonly quorum?: number;
  readonly controls?: number;
  readonly policy?: string;
  readonly out: string;
  readonly json?: boolean;
}

export function addCharter(program: Command, context: CommandContext): void {
  const charter = program
    .command('charter')
    .description('write, read and change the charter of a federation');
  charter
    .command('create')
    .description('write a charter from the members’ entries')
    .requiredOption('--name <text>', 'name of the federation')
    .requiredOption('--member <file...>', 'member.json of each member')
    .addOption(
      new Option('--quorum <n>', 'organisations whose verifiers must agree to settle a finding').argParser(
        wholeNumber(1, 100),
      ),
    )
    .addOption(
      new Option(
        '--controls <n>',
        `random control vectors in each re-run (default: ${DEFAULT_VERIFICATION.controls})`,
      ).argParser(wholeNumber(1, 32)),
    )
    .option('--policy <file>', `JSON with sections of the policy: ${POLICY_SECTIONS.join(', ')}`)
    .requiredOption('--out <file>', 'where to write it; must not exist')
    .option('--json', 'print federation id and file as JSON')
    .action(async (options: CreateOptions) => create(options, context));
  addNodeOptions(charter.command('show [file]'))
    .description('the charter in force as a node has it, or the one of a file, checked')
    .option('--json', 'print the charter with its id')
    .action(async (file: string | undefined, options: ShowOptions) => {
      const { charter, federation } =
        file === undefined ? await ofNode(options, context) : await ofFile(file);
      const { id, document } = charter;
      if (options.json) return context.print(JSON.stringify({ federation, id, charter: document }, null, 2));
      context.print(charterView(charter, federation));
    });
  addNodeOptions(charter.command('history'))
    .description('every version that was in force, and what each changed')
    .option('--json', 'print the documents')
    .action(async (options: ShowOptions) => history(options, context));
  addAmendments(charter, context);
  addNodeOptions(charter.command('nats-users [file]'))
    .description(
      'print the members as users of a NATS server: of the version in force, or of the first, in a file',
    )
    .action(async (file: string | undefined, options: NodeOptions) => {
      const { natsUsers } = await import('../../node/index.ts');
      const { charter, federation } =
        file === undefined ? await ofNode(options, context) : await ofFile(file);
      context.print(natsUsers(federation as FederationId, charter));
    });
}

type ShowOptions = NodeOptions & { readonly json?: boolean };

async function ofFile(file: string) {
  const { readCharterFile } = await import('../../node/home.ts');
  const charter = await readCharterFile(file);
  return { charter, federation: charter.id };
}

async function ofNode(options: NodeOptions, context: CommandContext) {
  const client = new NodeClient(await gatewayUrl(options), context);
  const { federation } = await client.get('/status', statusAnswer);
  return { charter: await readInForce(client), federation };
}

async function history(options: ShowOptions, context: CommandContext): Promise<void> {
  const client = new NodeClient(await gatewayUrl(options), context);
  const { charters } = await client.get('/charter/history', charterHistoryAnswer);
  if (options.json) return context.print(JSON.stringify({ charters }, null, 2));
  const versions = charters.map(({ document }) => checked(document));
  for (const [i, { id, document }] of versions.entries()) {
    context.print(`version ${document.version}  ${id}`);
    const before = versions[i - 1]?.document;
    const lines = before === undefined ? ['the founding charter'] : charterChanges(before, document);
    for (const line of lines) context.print(wrap(`- ${line}`, '  '));
  }
}

/** The usual policy, but for the sections of the file; how findings are judged is said in one place, and always. */
async function foundingPolicy({ quorum, controls, policy }: CreateOptions): Promise<CharterPolicy> {
  const sections = policy === undefined ? {} : await readPolicySections(policy);
  if (sections.verification !== undefined) {
    if (quorum === undefined && controls === undefined) return { ...DEFAULT_POLICY, ...sections };
    throw new OversightError(
      'argument-invalid',
      'the file has a section verification: leave out --quorum and --controls',
    );
  }
  if (quorum === undefined) throw new OversightError('argument-invalid', 'give --quorum');
  const verification = {
    ...DEFAULT_VERIFICATION,
    quorum,
    controls: controls ?? DEFAULT_VERIFICATION.controls,
  };
  return { ...DEFAULT_POLICY, ...sections, verification };
}

async function create(options: CreateOptions, { print, note }: CommandContext): Promise<void> {
  const members = await Promise.all(options.member.map((file) => readChecked(file, memberSchema)));
  const policy = await foundingPolicy(options);
  const { quorum } = policy.verification;
  const read = readGenesis(
    foundingDocument({
      name: options.name,
      nonce: randomBytes(16).toString('hex'),
      members,
      policy,
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
  print(charterView(read.value, read.value.id));
}
