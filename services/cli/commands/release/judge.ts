import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Requirement } from '../../../../protocols/release/index.ts';
import { recordAnswer } from '../../answers.ts';
import type { CommandContext } from '../../cli.ts';
import { EXIT } from '../../exit-codes.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { wholeNumber } from '../../parse-numbers.ts';
import { progressBar } from '../../progress-bar.ts';
import { releaseEnding } from './find-release.ts';
import { policyFor } from './policy.ts';

export interface JudgeOptions extends NodeOptions {
  readonly frontier?: string;
  readonly frontierParameters?: number;
  readonly licence?: string;
  readonly policy?: string;
  readonly json?: boolean;
}

/** Parameters are counted exactly. */
const SIZE_LIMIT = 2 ** 53 - 1;

/** What `prepare` and `publish` judge by. */
export function judgeOptions(command: Command): Command {
  return addNodeOptions(command)
    .option('--frontier <id>', 'the frontier release, whose size a node knows; the end of its id is enough')
    .addOption(
      new Option('--frontier-parameters <n>', 'its size, where no node is asked').argParser(
        wholeNumber(1, SIZE_LIMIT),
      ),
    )
    .option('--licence <id>', 'SPDX identifier (default: as README.md says)')
    .option('--policy <file>', "judge by this policy instead of the charter's")
    .option('--json', 'print JSON');
}

/** Reads the directory and holds it against the policy. */
export async function judge(
  dir: string,
  options: JudgeOptions,
  weights: 'read' | 'unread',
  context: CommandContext,
) {
  const { prepareRelease } = await import('../../../node/index.ts');
  const { policy, from } = await policyFor(options, context);
  const question = {
    policy,
    licence: options.licence ?? null,
    frontierParameters: await frontierParameters(options, context),
    weights,
  };
  const onProgress = weights === 'read' ? { onProgress: progressBar('read', context) } : {};
  const prepared = await prepareRelease(resolve(dir), question, { signal: context.signal, ...onProgress });
  return { ...prepared, policy: { from, ...policy } };
}

/** What the outcome tells a script. */
export function statusOf(requirements: readonly Requirement[]) {
  if (requirements.some(({ state }) => state === 'failed')) return EXIT.refuted;
  return requirements.some(({ state }) => state === 'open') ? EXIT.inconclusive : EXIT.done;
}

async function frontierParameters(options: JudgeOptions, context: CommandContext): Promise<number | null> {
  if (options.frontierParameters !== undefined) return options.frontierParameters;
  if (options.frontier === undefined) return null;
  const client = new NodeClient(await gatewayUrl(options), context);
  const { frontierReleases } = await client.get('/record', recordAnswer);
  return releaseEnding(frontierReleases, options.frontier, 'frontier release').parameters;
}
