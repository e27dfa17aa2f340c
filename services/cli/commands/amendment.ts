import { createInterface } from 'node:readline/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import {
  type Charter,
  draftProposal,
  type Leaving,
  removal,
  rotation,
} from '../../../protocols/charter/index.ts';
import {
  type CharterChange,
  member,
  POLICY_SECTIONS,
  ROLES,
  type Role,
} from '../../../protocols/kinds/index.ts';
import { type RecordAnswer, recordAnswer } from '../answers.ts';
import { readInForce, readOpenProposal } from '../charter-reading.ts';
import type { CommandContext } from '../cli.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { readPolicySections } from '../policy-file.ts';
import { readChecked } from '../read-json.ts';
import { clean, fields, wrap } from '../terminal.ts';
import { charterChanges } from '../views/charter.ts';

/** Messages that a member may still say between a planned rotation and the moment it is in force. */
const ROTATION_ROOM = 1_000;

interface ProposeOptions extends NodeOptions {
  readonly reason: string;
  readonly add: readonly string[];
  readonly remove?: string;
  readonly rotate?: string;
  readonly last?: number;
  readonly compromisedAt?: number;
  readonly roles: readonly { readonly name: string; readonly roles: Role[] }[];
  readonly policy?: string;
  readonly name?: string;
  readonly consent?: boolean;
  readonly json?: boolean;
}

export function addAmendments(charter: Command, context: CommandContext): void {
  addNodeOptions(charter.command('propose'))
    .description('propose the next version of the charter')
    .requiredOption('--reason <text>', 'why, for the members who are to consent')
    .addOption(new Option('--add <file...>', 'member.json of a new or returning member').default([], 'none'))
    .option('--remove <name>', 'take a member out')
    .option('--rotate <file>', 'the new entry of a member: `oversight keys rotate` writes it')
    .addOption(
      new Option('--last <sequence>', 'the last message of the key that goes which counts').argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    )
    .addOption(
      new Option('--compromised-at <date>', 'the key that goes was in other hands from then on').argParser(
        parseDate,
      ),
    )
    .addOption(
      new Option('--roles <name=list...>', `new roles of a member: ${ROLES.join(', ')}`)
        .argParser(parseRolesOf)
        .default([], 'none'),
    )
    .option('--policy <file>', 'JSON with the sections of the policy that change')
    .option('--name <text>', 'a new name for the federation')
    .option('--consent', 'consent to it at once')
    .option('--json', 'print the ids as JSON')
    .action(async (options: ProposeOptions) => propose(options, context));
  addNodeOptions(charter.command('diff [proposal]'))
    .description('what an open proposal would change, in words')
    .option('--json', 'print both documents')
    .action(async (given: string | undefined, options: NodeOptions & { readonly json?: boolean }) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const { current, next, id, reason } = await readOpenProposal(client, given ?? '');
      if (options.json)
        return context.print(
          JSON.stringify({ proposal: id, from: current.document, to: next.document }, null, 2),
        );
      context.print(diffView(current, next, reason));
    });
  addNodeOptions(charter.command('consent [proposal]'))
    .description('consent to an open proposal; this cannot be taken back')
    .option('--yes', 'do not ask')
    .option('--json', 'print the ids as JSON')
    .action(async (given: string | undefined, options: ConsentOptions) =>
      consent(given ?? '', options, context),
    );
}

type ConsentOptions = NodeOptions & { readonly yes?: boolean; readonly json?: boolean };

async function propose(options: ProposeOptions, context: CommandContext): Promise<void> {
  const client = new NodeClient(await gatewayUrl(options), context);
  const token = await ownerToken(options);
  const current = await readInForce(client);
  const record = await client.get('/record', recordAnswer);
  const changes = await changesOf(current, record, options);
  if (changes.length === 0) throw new OversightError('argument-invalid', 'say what is to change');
  const drafted = draftProposal(current, changes, {
    reason: options.reason,
    lengthOf: (key) => lengthOf(record, key),
  });
  if (!drafted.ok) throw new OversightError('charter-invalid', drafted.detail);
  const { body, charter } = drafted.value;
  const published = await client.publish('charter-proposal/1', body as unknown as PlainObject, token);
  const own = options.consent
    ? await client.publish(
        'charter-consent/1',
        { version: body.version, charter: body.charter, proposal: published.id },
        token,
      )
    : null;
  if (options.json) {
    const ids = {
      proposal: published.id,
      version: body.version,
      charter: body.charter,
      consent: own?.id ?? null,
    };
    return context.print(JSON.stringify(ids));
  }
  context.print(fields([['proposal', published.id]]));
  context.print(diffView(current, charter, options.reason));
  context.print(`\nEach member who agrees:\n  oversight charter consent …${published.id.slice(-10)}`);
}

async function changesOf(
  current: Charter,
  record: RecordAnswer,
  options: ProposeOptions,
): Promise<CharterChange[]> {
  const changes: CharterChange[] = [];
  if (options.name !== undefined) changes.push({ change: 'name', name: options.name });
  for (const file of options.add) changes.push({ change: 'member', member: await readChecked(file, member) });
  for (const { name, roles } of options.roles) {
    const { since: _, ...entry } = memberOf(current, name);
    changes.push({ change: 'member', member: { ...entry, roles } });
  }
  if (options.remove !== undefined) {
    const { keys } = memberOf(current, options.remove);
    const held = lengthOf(record, keys.signing);
    changes.push(...must(removal(current, options.remove, leaving('removed', held - 1, options))));
  }
  if (options.rotate !== undefined) {
    const entry = await readChecked(options.rotate, member);
    const held = lengthOf(record, memberOf(current, entry.name).keys.signing);
    const isLost = options.compromisedAt !== undefined;
    changes.push(
      ...must(rotation(current, entry, leaving('rotated', held - 1 + (isLost ? 0 : ROTATION_ROOM), options))),
    );
  }
  if (options.policy !== undefined) {
    const sections = await readPolicySections(options.policy);
    for (const section of POLICY_SECTIONS) {
      const value = sections[section];
      if (value !== undefined) changes.push({ change: 'policy', section, value });
    }
  }
  return changes;
}

/** @param upTo the last message that counts where the user names none; -1 for none */
function leaving(
  reason: 'removed' | 'rotated',
  upTo: number,
  { last, compromisedAt }: ProposeOptions,
): Leaving {
  const counts = last ?? (upTo < 0 ? null : upTo);
  return compromisedAt === undefined
    ? { reason, last: counts }
    : { reason: 'compromised', last: counts, compromisedAt };
}

function memberOf({ document }: Charter, name: string) {
  const found = document.members.find((each) => each.name === name);
  if (found === undefined) throw new OversightError('not-found', `${name} is no member`);
  return found;
}

function lengthOf({ members }: RecordAnswer, key: string): number {
  return members.find((each) => each.key === key)?.feed.length ?? 0;
}

function must<T>(result: { ok: true; value: T } | { ok: false; detail: string }): T {
  if (!result.ok) throw new OversightError('argument-invalid', result.detail);
  return result.value;
}

async function consent(given: string, options: ConsentOptions, context: CommandContext): Promise<void> {
  const client = new NodeClient(await gatewayUrl(options), context);
  const token = await ownerToken(options);
  const { id, current, next, reason } = await readOpenProposal(client, given);
  if (!options.yes) {
    context.note(diffView(current, next, reason));
    await confirm(context);
  }
  const body = { version: next.document.version, charter: next.id, proposal: id };
  const published = await client.publish('charter-consent/1', body, token);
  if (options.json) return context.print(JSON.stringify({ consent: published.id, ...body }));
  context.print(fields([['consent', published.id]]));
}

async function confirm({ signal }: CommandContext): Promise<void> {
  if (!process.stdin.isTTY)
    throw new OversightError(
      'argument-invalid',
      'nobody is there to ask; look at `charter diff`, then give --yes',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question('\nConsent? A consent cannot be taken back. [yes/no] ', {
      signal,
    });
    if (answer.trim() !== 'yes') throw new OversightError('cancelled', 'no consent was given');
  } finally {
    terminal.close();
  }
}

function diffView(current: Charter, next: Charter, reason: string): string {
  const lines = charterChanges(current.document, next.document);
  return [
    wrap(`Version ${next.document.version}: ${clean(reason)}`),
    ...(lines.length === 0 ? ['  nothing but the version'] : lines.map((line) => wrap(`- ${line}`, '  '))),
  ].join('\n');
}

function parseRolesOf(
  text: string,
  before: readonly { readonly name: string; readonly roles: Role[] }[],
): { readonly name: string; readonly roles: Role[] }[] {
  const [name = '', list = ''] = text.split('=');
  const roles = list.split(',').map((each) => {
    const role = ROLES.find((known) => known === each.trim());
    if (role === undefined) throw new InvalidArgumentError(`Give a name and roles of ${ROLES.join(', ')}.`);
    return role;
  });
  return [...before, { name, roles }];
}

function parseDate(text: string): number {
  const ms = Date.parse(text);
  if (!Number.isSafeInteger(ms) || ms < 0)
    throw new InvalidArgumentError('Give a date, such as 2026-11-21T14:00Z.');
  return ms;
}
