import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { OversightError } from '../../../../protocols/base/errors.ts';
import { type AnalogReleaseBody, messageId } from '../../../../protocols/kinds/index.ts';
import { Dossiers, oversightPolicyOf, reportOn, withPlanned } from '../../../../protocols/oversight/index.ts';
import type { FederationRecord } from '../../../../protocols/record/index.ts';
import type { Plan } from '../../../node/index.ts';
import { charterHistoryAnswer, recordAnswer } from '../../answers.ts';
import { checked } from '../../charter-reading.ts';
import type { CommandContext } from '../../cli.ts';
import { EXIT } from '../../exit-codes.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { parseMoment } from '../../parse-moment.ts';
import { progressBar } from '../../progress-bar.ts';
import { clausesView } from '../../views/oversight.ts';
import { releaseEnding } from './find-release.ts';
import { foundOf } from './found.ts';
import { readNotice } from './notice.ts';

interface CheckOptions extends NodeOptions {
  readonly frontier: string;
  readonly notice?: string;
  readonly at?: number;
  readonly json?: boolean;
}

export function addCheck(release: Command, context: CommandContext): void {
  addNodeOptions(release.command('check <dir>'))
    .description('judge a directory and its notice clause by clause, as regulators would, before publishing')
    .requiredOption('--frontier <id>', 'the frontier release; the end of its id is enough')
    .option('--notice <file>', 'body of the release as JSON, or parts of it')
    .option(
      '--at <time>',
      'when it would be released, such as 2026-12-24T12:00:00Z (default: now)',
      parseMoment,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 every clause is met, 3 one is not, 4 some are open.')
    .action(async (dir: string, options: CheckOptions) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const record = await client.get('/record', recordAnswer);
      const frontier = releaseEnding(record.frontierReleases, options.frontier, 'frontier release');
      const { charters } = await client.get('/charter/history', charterHistoryAnswer);
      const policies = charters.map(({ document }) => oversightPolicyOf(checked(document).document));
      const policyOf = (version: number) => policies[version] ?? oversightPolicyOf({ policy: {} as never });
      const policy = policyOf(z.int().parse(frontier['charter']));
      const { planRelease } = await import('../../../node/index.ts');
      const plan = await planRelease(
        resolve(dir),
        { policy, licence: null, frontierParameters: frontier.parameters, weights: 'unread' },
        { signal: context.signal, onProgress: progressBar('read', context) },
      );
      const given = await readNotice(options.notice);
      const at = options.at ?? Date.now();
      const planned = { notice: noticeOf(plan, messageId.parse(frontier.id), given), found: foundOf(plan) };
      // the node's record as it is: what is not read here stays as it came
      const whole = withPlanned(record as unknown as FederationRecord, planned, at);
      const report = reportOn(new Dossiers(whole), planned.notice.frontier, policyOf, at);
      if (report === null)
        throw new OversightError('not-found', 'the frontier release had not been established by then');
      context.exitWith(
        report.overall === 'met'
          ? EXIT.done
          : report.overall === 'not-met'
            ? EXIT.refuted
            : EXIT.inconclusive,
      );
      context.print(
        options.json
          ? JSON.stringify({ checkpoint: plan.checkpoint, ...report }, null, 2)
          : `${clausesView(report.clauses)}\n\noverall: ${report.overall}`,
      );
    });
}

/** The notice as far as it is written, completed from the directory. */
function noticeOf(
  { facts, licence, checkpoint, tokenizer }: Plan,
  frontier: AnalogReleaseBody['frontier'],
  given: Partial<AnalogReleaseBody>,
): AnalogReleaseBody {
  return {
    licence: licence ?? 'NOASSERTION',
    summary: 'planned',
    ...given,
    frontier,
    model: {
      name: 'planned release',
      version: '0',
      modelType: facts?.modelType ?? 'unknown',
      parameters: facts?.parameters ?? 1,
      ...(tokenizer === null ? {} : { tokenizer }),
      ...given.model,
    },
    checkpoint,
  };
}
