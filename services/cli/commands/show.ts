import type { Command } from 'commander';
import type { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import {
  type FindingEntry,
  messageAnswer,
  type RecordAnswer,
  recordAnswer,
  statusAnswer,
} from '../answers.ts';
import type { CommandContext } from '../cli.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { charterStateView } from '../views/charter-state.ts';
import { findingView } from '../views/finding.ts';
import { membersView } from '../views/members.ts';
import { namesOf, recordView, releasesView } from '../views/record.ts';
import { messageView, statusView } from '../views/status.ts';

type ShowOptions = NodeOptions & { readonly json?: boolean };

export function addShow(program: Command, context: CommandContext): void {
  const show = program.command('show').description('read what a node knows');
  const add = (name: string, description: string, run: Show) =>
    addNodeOptions(show.command(name).description(description))
      .option('--json', 'print JSON')
      .action(async (...args: [string | ShowOptions, ...unknown[]]) => {
        const [id, options] = typeof args[0] === 'string' ? [args[0], args[1] as ShowOptions] : ['', args[0]];
        const client = new NodeClient(await gatewayUrl(options), context);
        const { json, text } = await run(client, id);
        context.print(options.json ? JSON.stringify(json, null, 2) : text);
      });
  add('record', 'releases, findings and the digest of the record', async (client) => {
    const { value, tag } = await client.getWithTag('/record', recordAnswer);
    return { json: { digest: tag, record: value }, text: recordView(value, tag) };
  });
  add(
    'members',
    'who takes part, how far each feed goes and is witnessed, former keys, forks',
    fromRecord(
      ({ members, formerMembers, forks }) => ({ members, formerMembers, forks }),
      (record) => membersView(record),
    ),
  );
  add(
    'charter',
    'the version in force, those before it, and the open proposals with their consents',
    fromRecord(({ charter, proposals }) => ({ charter, proposals }), charterStateView),
  );
  add(
    'releases',
    'frontier models and their analogs',
    fromRecord(
      ({ frontierReleases, analogReleases }) => ({ frontierReleases, analogReleases }),
      releasesView,
    ),
  );
  add(
    'finding <id>',
    'one finding: claim, counts, standing; the end of its id is enough',
    async (client, id) => {
      const record = await client.get('/record', recordAnswer);
      const finding = pick(record.findings, id);
      return { json: finding, text: findingView(finding, namesOf(record)) };
    },
  );
  add('message <id>', 'one signed message', async (client, id) => {
    if (!messageId.safeParse(id).success)
      throw new OversightError('argument-invalid', `${id} is not a message id`);
    const message = await client.get(`/messages/${id}`, messageAnswer);
    return { json: message, text: messageView(message) };
  });
  add('status', 'the node itself', async (client) => {
    const status = await client.get('/status', statusAnswer);
    return { json: status, text: statusView(status) };
  });
}

/** What a subcommand found, for programs and for people. */
type Show = (client: NodeClient, id: string) => Promise<{ readonly json: unknown; readonly text: string }>;

function fromRecord(
  select: (record: RecordAnswer) => unknown,
  view: (record: z.infer<typeof recordAnswer>) => string,
): Show {
  return async (client) => {
    const record = await client.get('/record', recordAnswer);
    return { json: select(record), text: view(record) };
  };
}

/** By the whole id, or by an end that only one has, as the page and the events show it. */
function pick(findings: readonly FindingEntry[], given: string): FindingEntry {
  const end = given.replace(/^…/, '');
  const found = findings.filter(({ id }) => id.endsWith(end));
  const [finding] = found;
  if (finding === undefined) throw new OversightError('not-found', `no finding ends in ${given}`);
  if (found.length > 1)
    throw new OversightError('argument-invalid', `${found.length} findings end in ${given}`);
  return finding;
}
