import { type Command, Option } from 'commander';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import type { CommandContext } from '../cli.ts';
import { addNodeOptions, gatewayUrl, homeDirectory, type NodeOptions, ownerToken } from '../location.ts';
import { type Collected, NodeClient } from '../node-client.ts';
import { inBytes } from '../progress-bar.ts';

type GcOptions = NodeOptions & { readonly dryRun?: boolean; readonly json?: boolean };

export function addGc(program: Command, context: CommandContext): void {
  addNodeOptions(program.command('gc'))
    .description('remove what was fetched and nobody here needs; the node may run')
    .addOption(new Option('--dry-run', 'only tell what would go'))
    .option('--json', 'print JSON')
    .action(async (options: GcOptions) => {
      const { dryRun = false, json = false } = options;
      const collected = await collect(options, dryRun, context);
      if (json) return context.print(JSON.stringify({ dryRun, collected }, null, 2));
      for (const { cid, sizeBytes, state } of collected)
        context.print(`${cid}  ${inBytes(sizeBytes)}${state === 'partial' ? ', in part' : ''}`);
      const total = collected.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const verb = dryRun ? 'would go' : 'gone';
      context.print(
        collected.length === 0 ? 'nothing to remove' : `${collected.length} ${verb}, ${inBytes(total)}`,
      );
    });
}

/** Through the node where one runs, else in its home. */
async function collect(
  options: GcOptions,
  dryRun: boolean,
  context: CommandContext,
): Promise<readonly Collected[]> {
  const url = await gatewayUrl(options).catch((error: unknown) => {
    const isStopped =
      error instanceof OversightError && error.code === 'node-unreachable' && hasErrno(error.cause, 'ENOENT');
    if (!isStopped) throw error;
    return null;
  });
  if (url !== null) {
    return new NodeClient(url, context).collectGarbage({ dryRun }, await ownerToken(options));
  }
  const { collectHome } = await import('../../node/index.ts');
  return collectHome(homeDirectory(options.home), { dryRun, signal: context.signal });
}
