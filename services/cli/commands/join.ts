import type { Command } from 'commander';
import type { CommandContext } from '../cli.ts';
import { homeDirectory, homeOption } from '../location.ts';
import { clean, fields, wrap } from '../terminal.ts';

export function addJoin(program: Command, context: CommandContext): void {
  program
    .command('join')
    .description('take part in the federation of a charter that names this node')
    .addOption(homeOption())
    .requiredOption('--charter <file>', 'the charter')
    .option('--json', 'print the federation id as JSON')
    .action(
      async (options: { readonly home?: string; readonly charter: string; readonly json?: boolean }) => {
        const { joinHome } = await import('../../node/home.ts');
        const { charter, isFounder } = await joinHome(homeDirectory(options.home), options.charter);
        const { id, document } = charter;
        if (options.json) return context.print(JSON.stringify({ federation: id, founder: isFounder }));
        context.print(
          fields([
            ['federation', id],
            ['name', clean(document.name)],
            ['members', `${document.members.length}`],
          ]),
        );
        if (!isFounder) {
          context.print('');
          context.print(
            wrap(
              'The first charter does not name this node: it reads, and speaks once an amendment names it. Give it a neighbour to hear from (libp2p.peers in config.json, or NATS).',
            ),
          );
        }
        const up = options.home === undefined ? 'oversight up' : `oversight up --home ${options.home}`;
        context.print(`\nStart the node, which then tells the others that it takes part:\n  ${up}`);
      },
    );
}
