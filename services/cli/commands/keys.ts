import type { Command } from 'commander';
import type { CommandContext } from '../cli.ts';
import { homeDirectory, homeOption } from '../location.ts';
import { fields, wrap } from '../terminal.ts';

interface RotateOptions {
  readonly home?: string;
  readonly activate?: boolean;
  readonly json?: boolean;
}

export function addKeys(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description('the keys of a node');
  keys
    .command('rotate')
    .description('make the next keys of a node, for the charter to name')
    .addOption(homeOption())
    .option(
      '--activate',
      'take up the keys made before, though this node has not heard that they are in force',
    )
    .option('--json', 'print the entry alone')
    .action(async (options: RotateOptions) => {
      const { adoptNextKey, homePaths, prepareNextKey } = await import('../../node/index.ts');
      const home = homeDirectory(options.home);
      if (options.activate) {
        const isNew = await adoptNextKey(home, { force: true });
        return context.print(isNew ? 'the node has its new keys' : 'no keys wait in this home');
      }
      const entry = await prepareNextKey(home);
      if (options.json) return context.print(JSON.stringify(entry, null, 2));
      const file = homePaths(home).nextMember;
      context.print(
        fields([
          ['next key', entry.keys.signing],
          ['entry', file],
        ]),
      );
      context.print('');
      context.print(
        wrap('The node goes on with its old keys. Propose the new ones, and let the members consent:'),
      );
      context.print(`  oversight charter propose --rotate ${file} --reason …`);
      context.print(wrap('Once the version is in force, stop the node and start it again.'));
      context.print(wrap(`Keep a safe copy of ${homePaths(home).nextSeed}.`));
    });
}
