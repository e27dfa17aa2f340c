import type { Command } from 'commander';
import type { CommandContext } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';

export function addDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description(
      'five nodes on this machine: releases, findings, re-runs and the record, on the real models of a clone',
    )
    .option('--exit', 'end with the last step, with status 0 only if everything came out as it should')
    .option('--keep', 'leave the nodes’ homes in place afterwards')
    .action(async (options: { readonly exit?: boolean; readonly keep?: boolean }) => {
      const { runDemo } = await import('../../../deploy/demo/run.ts');
      const held = await runDemo({
        exit: options.exit === true,
        keep: options.keep === true,
        signal: context.signal,
      });
      context.exitWith(held ? EXIT.done : EXIT.failed);
    });
}
