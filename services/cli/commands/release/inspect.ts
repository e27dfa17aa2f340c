import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { PlainObject } from '../../../../protocols/base/plain.ts';
import type { CommandContext } from '../../cli.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { progressBar } from '../../progress-bar.ts';
import { fields } from '../../terminal.ts';
import { foundOf } from './found.ts';
import { policyFor } from './policy.ts';

interface InspectOptions extends NodeOptions {
  readonly publish?: boolean;
}

export function addInspect(release: Command, context: CommandContext): void {
  addNodeOptions(release.command('inspect <dir>'))
    .description('what a directory holds, as the body of an inspection; its CID follows from its bytes')
    .option('--publish', 'sign and publish it, as a verifier or regulator')
    .action(async (dir: string, options: InspectOptions) => {
      const { planRelease } = await import('../../../node/index.ts');
      const { policy } = await policyFor(options, context);
      const plan = await planRelease(
        resolve(dir),
        { policy, licence: null, frontierParameters: null, weights: 'unread' },
        { signal: context.signal, onProgress: progressBar('read', context) },
      );
      const body = foundOf(plan);
      if (!options.publish) return context.print(JSON.stringify(body, null, 2));
      const client = new NodeClient(await gatewayUrl(options), context);
      const token = await ownerToken(options);
      const message = await client.publish('inspection/1', body as unknown as PlainObject, token);
      context.print(fields([['published', message.id]]));
    });
}
