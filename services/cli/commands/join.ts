import type { Command } from 'commander';
import type { CommandContext } from '../cli.ts';
import { homeDirectory, homeOption } from '../location.ts';
import { clean, fields } from '../terminal.ts';

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
        const { id, document } = await joinHome(homeDirectory(options.home), options.charter);
        if (options.json) return context.print(JSON.stringify({ federation: id }));
        context.print(
          fields([
            ['federation', id],
            ['name', clean(document.name)],
            ['members', `${document.members.length}`],
          ]),
        );
        context.print('\nStart the node with `oversight up`; it says so to the others when it starts.');
      },
    );
}
