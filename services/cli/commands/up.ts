import type { Command } from 'commander';
import type { CommandContext } from '../cli.ts';
import { homeDirectory, homeOption } from '../location.ts';
import { packageVersion } from '../version.ts';

export function addUp(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('run the node until it is interrupted')
    .addOption(homeOption())
    .action(async (options: { readonly home?: string }) => {
      const { letHeapGrow, startNode } = await import('../../node/index.ts');
      letHeapGrow();
      const home = homeDirectory(options.home);
      await using node = await startNode(home, { version: packageVersion(), signal: context.signal });
      context.print(`ready  ${node.url}`);
      await aborted(context.signal);
      context.note('stopping');
    });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
