import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { PlainObject } from '../../../../protocols/base/plain.ts';
import { SIGNATURE_FILE } from '../../../../protocols/provenance/index.ts';
import { recordAnswer } from '../../answers.ts';
import type { CommandContext } from '../../cli.ts';
import { EXIT } from '../../exit-codes.ts';
import { gatewayUrl, ownerToken } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { wholeNumber } from '../../parse-numbers.ts';
import { inBytes, progressBar } from '../../progress-bar.ts';
import { fields } from '../../terminal.ts';
import { requirementsView } from '../../views/release.ts';
import { dateOf } from '../../views/time.ts';
import { releaseEnding } from './find-release.ts';
import { type JudgeOptions, judge, judgeOptions, statusOf } from './judge.ts';
import { readNotice } from './notice.ts';

const DAY_MS = 86_400_000;

interface PublishOptions {
  readonly name: string;
  readonly modelVersion: string;
  readonly summary: string;
  readonly pinDays: number;
  readonly force?: boolean;
  readonly notice?: string;
  readonly signOnly?: boolean;
}

export function addPublishRelease(release: Command, context: CommandContext): void {
  judgeOptions(release.command('publish <dir>'))
    .description('sign a directory, announce it as an analog release, and promise to keep it')
    .requiredOption('--name <name>', 'of the model')
    .requiredOption('--model-version <version>', 'of the model')
    .requiredOption('--summary <text>', 'what people read first')
    .addOption(
      new Option('--pin-days <n>', 'how long the promise to keep it runs; 0: none')
        .argParser(wholeNumber(0, 36_500))
        .default(365),
    )
    .option('--force', 'publish although a requirement has failed')
    .option('--notice <file>', 'parts of the release as JSON: training, distilledFrom, restrictions')
    .option('--sign-only', 'sign it and add it to the node, and stop: evaluators need its CID first')
    .addHelpText('after', '\nExit status: 0 published, 3 a requirement failed and nothing was signed.')
    .action(async (dir: string, options: JudgeOptions & PublishOptions) => {
      if (options.frontier === undefined)
        throw new OversightError(
          'argument-invalid',
          'give the frontier release it belongs to with --frontier',
        );
      const prepared = await judge(dir, options, 'unread', context);
      const { requirements, facts, policy } = prepared;
      const licence = prepared.licence ?? options.licence ?? null;
      if (facts === null || licence === null || (statusOf(requirements) === EXIT.refuted && !options.force)) {
        context.exitWith(EXIT.refuted);
        const text = requirementsView(requirements, policy.from);
        return context.print(options.json ? JSON.stringify({ policy, requirements }, null, 2) : text);
      }
      const notice = await readNotice(options.notice);
      const client = new NodeClient(await gatewayUrl(options), context);
      const token = await ownerToken(options);
      const { frontierReleases } = await client.get('/record', recordAnswer);
      const frontier = releaseEnding(frontierReleases, options.frontier, 'frontier release');
      const signed = await client.addRelease(
        { directory: resolve(dir), name: options.name },
        token,
        progressBar('read', context),
      );
      const { cid, profile, sizeBytes } = signed;
      if (options.signOnly) return context.print(options.json ? JSON.stringify(signed, null, 2) : cid);
      const tokenizer = signed.files.find(({ path }) => path === 'tokenizer.json')?.sha256;
      const body = {
        ...notice,
        frontier: frontier.id,
        model: {
          name: options.name,
          version: options.modelVersion,
          modelType: facts.modelType,
          parameters: facts.parameters,
          ...(tokenizer === undefined ? {} : { tokenizer }),
        },
        licence,
        summary: options.summary,
        checkpoint: { cid, profile, sizeBytes },
      };
      const message = await client.publish('analog-release/1', body as unknown as PlainObject, token);
      const until = options.pinDays === 0 ? null : Date.now() + options.pinDays * DAY_MS;
      if (until !== null) await client.pin({ cid, until }, token, () => undefined);
      if (options.json)
        return context.print(JSON.stringify({ message, checkpoint: signed, keptUntil: until }, null, 2));
      context.print(
        fields([
          ['published', message.id],
          ['checkpoint', cid],
          ['size', inBytes(sizeBytes)],
          ['signature', SIGNATURE_FILE],
          ['kept until', until === null ? 'no promise' : dateOf(until)],
        ]),
      );
    });
}
