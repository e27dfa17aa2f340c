import type { Command } from 'commander';
import type { Plain } from '../../../../protocols/base/plain.ts';
import { openSealed, withheldFields } from '../../../../protocols/disclosure/index.ts';
import type { CommandContext } from '../../cli.ts';
import { EXIT } from '../../exit-codes.ts';
import { addNodeOptions, gatewayUrl, homeDirectory, type NodeOptions } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { clean, fields } from '../../terminal.ts';
import { findMessage } from './find-message.ts';

/** One withheld field, as far as this home sees into it. */
interface OpenedField {
  readonly field: string;
  readonly reason: string;
  readonly commitment: string | null;
  /** `matches`: it is what the author committed to; else why there is no value. */
  readonly state: string;
  readonly value?: Plain;
}

export function addOpen(disclosure: Command, context: CommandContext): void {
  addNodeOptions(disclosure.command('open <message>'))
    .description('open the fields of a message that are sealed to this home; the end of its id is enough')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 every withheld field opens, 3 one does not hold what its author\ncommitted to, 4 some are not for this home.',
    )
    .action(async (end: string, options: NodeOptions & { readonly json?: boolean }) => {
      const home = homeDirectory(options.home);
      const { homePaths, readCharterFile, sealingKeys } = await import('../../../node/index.ts');
      const { id: federation } = await readCharterFile(homePaths(home).charter);
      const client = new NodeClient(await gatewayUrl(options), context);
      const { message, laterCopies } = await findMessage(client, end, federation);
      const keys = await sealingKeys(home);
      const opened = withheldFields(message.body).map(({ field, withheld }): OpenedField => {
        const { reason, commitment = null, sealed = [] } = withheld;
        const copies = [...sealed, ...laterCopies(field)];
        let state = 'no-copy-for-key';
        for (const key of keys) {
          const result = openSealed({ ...message, federation }, field, copies, key);
          if (result.ok) return { field, reason, commitment, state: 'matches', value: result.value.value };
          if (result.reason !== 'no-copy-for-key') state = result.reason;
        }
        return { field, reason, commitment, state };
      });
      context.exitWith(statusOf(opened));
      if (options.json)
        return context.print(JSON.stringify({ message: message.id, fields: opened }, null, 2));
      context.print(
        opened.length === 0 ? 'nothing is withheld in this message' : opened.map(view).join('\n\n'),
      );
    });
}

/** Not for this home, or without a commitment: nothing was found out. */
const UNSEEN = ['no-copy-for-key', 'not-committed'];

function statusOf(opened: readonly OpenedField[]) {
  if (opened.some(({ state }) => state !== 'matches' && !UNSEEN.includes(state))) return EXIT.refuted;
  return opened.every(({ state }) => state === 'matches') ? EXIT.done : EXIT.inconclusive;
}

function view({ field, reason, commitment, state, value }: OpenedField): string {
  return fields([
    ['field', clean(field)],
    ['withheld', reason],
    ['commitment', commitment ?? 'none'],
    ['value', value === undefined ? 'not opened' : clean(JSON.stringify(value))],
    ['state', state === 'matches' ? 'matches the commitment' : state],
  ]);
}
