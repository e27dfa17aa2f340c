import type { Command } from 'commander';
import type { CommandContext } from '../cli.ts';
import { homeDirectory, homeOption } from '../location.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { fields } from '../terminal.ts';

interface ExportOptions {
  readonly home?: string;
  readonly author?: readonly string[];
  readonly from: number;
  readonly json?: boolean;
}

interface ImportOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function addBundle(program: Command, context: CommandContext): void {
  program
    .command('export <file>')
    .description('write feeds with their signed heads into one CAR file, for a machine without a network')
    .addOption(homeOption())
    .option('--author <member...>', 'only feeds of these members, by name or key')
    .option(
      '--from <sequence>',
      'only messages from this sequence on',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option('--json', 'print JSON')
    .action(async (file: string, options: ExportOptions) => {
      const { exportHome } = await import('../../node/index.ts');
      const choices = { authors: options.author ?? [], from: options.from };
      const exported = await exportHome(homeDirectory(options.home), file, choices, context);
      if (options.json) return context.print(JSON.stringify(exported));
      context.print(
        fields([
          ['bundle', exported.root],
          ['feeds', `${exported.feeds}`],
          ['messages', `${exported.messages}`],
        ]),
      );
    });
  program
    .command('import <file>')
    .description('read such a file into the home of a node that does not run')
    .addOption(homeOption())
    .option('--json', 'print JSON')
    .action(async (file: string, options: ImportOptions) => {
      const { importHome } = await import('../../node/index.ts');
      const imported = await importHome(homeDirectory(options.home), file, context);
      if (options.json) return context.print(JSON.stringify(imported));
      context.print(
        fields([
          ['bundle', imported.root],
          ['messages', `${imported.messages}`],
          ['new here', `${imported.added}`],
        ]),
      );
      if (imported.strangers > 0)
        context.note(
          `${imported.strangers} feeds are of keys that no charter here names; they were left out`,
        );
      if (imported.unconnected > 0)
        context.note(
          `${imported.unconnected} feeds begin after what is held here; import an earlier bundle first`,
        );
    });
}
