import type { Command } from 'commander';
import type { CommandContext } from '../../cli.ts';
import { requirementsView } from '../../views/release.ts';
import { type JudgeOptions, judge, judgeOptions, statusOf } from './judge.ts';

export function addPrepare(release: Command, context: CommandContext): void {
  judgeOptions(release.command('prepare <dir>'))
    .description('check a directory before anything is signed, and say what is missing')
    .option('--headers-only', 'do not read the weights')
    .addHelpText('after', '\nExit status: 0 ready, 3 a requirement failed, 4 one could not be judged.')
    .action(async (dir: string, options: JudgeOptions & { readonly headersOnly?: boolean }) => {
      const weights = options.headersOnly ? 'unread' : 'read';
      const { requirements, facts, policy } = await judge(dir, options, weights, context);
      context.exitWith(statusOf(requirements));
      const model = facts && { modelType: facts.modelType, parameters: facts.parameters, dtype: facts.dtype };
      context.print(
        options.json
          ? JSON.stringify({ policy, model, requirements }, null, 2)
          : requirementsView(requirements, policy.from),
      );
    });
}
