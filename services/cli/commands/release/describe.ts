import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OversightError } from '../../../../protocols/base/errors.ts';
import { type DescribedModel, toCycloneDx, toSpdx } from '../../../../protocols/provenance/index.ts';
import { recordAnswer } from '../../answers.ts';
import type { CommandContext } from '../../cli.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { progressBar } from '../../progress-bar.ts';
import { releaseEnding } from './find-release.ts';

const FORMATS = { cyclonedx: toCycloneDx, spdx: toSpdx } as const;

interface DescribeOptions extends NodeOptions {
  readonly format: keyof typeof FORMATS;
  readonly release?: string;
  readonly name?: string;
  readonly modelVersion?: string;
  readonly supplier?: string;
  readonly licence?: string;
  readonly time?: Date;
  readonly out?: string;
}

export function addDescribe(release: Command, context: CommandContext): void {
  addNodeOptions(release.command('describe <dir>'))
    .description('write a bill of materials of a model, for tools that know nothing of this network')
    .addOption(
      new Option('--format <format>', 'CycloneDX 1.6 or SPDX 3.0.1, as JSON')
        .choices(Object.keys(FORMATS))
        .makeOptionMandatory(),
    )
    .option('--release <id>', 'the analog release, of which a node knows what follows; the end of its id')
    .option('--name <name>', 'of the model')
    .option('--model-version <version>', 'of the model')
    .option('--supplier <organisation>', 'who supplies it')
    .option('--licence <id>', 'SPDX identifier (default: as README.md says)')
    .addOption(
      new Option('--time <time>', 'of the release, such as 2026-11-21T14:03:00Z (default: now)').argParser(
        parseTime,
      ),
    )
    .option('--out <file>', 'write to a file instead of standard output')
    .action(async (dir: string, options: DescribeOptions) => {
      const named = options.release === undefined ? null : await published(options.release, options, context);
      const naming = nameModel({ ...named, ...options });
      const { describeModel } = await import('../../../node/index.ts');
      const model = await describeModel(resolve(dir), naming, {
        signal: context.signal,
        onProgress: progressBar('read', context),
      });
      if (named !== null && named.checkpoint !== model.cid)
        throw new OversightError(
          'checkpoint-invalid',
          `the directory is not what was released: it is ${model.cid}, the release has ${named.checkpoint}`,
        );
      const text = JSON.stringify(FORMATS[options.format](model), null, 2);
      if (options.out === undefined) return context.print(text);
      await writeFile(options.out, `${text}\n`);
      context.print(`wrote ${options.out}`);
    });
}

/** What a node knows of a release. */
async function published(id: string, options: NodeOptions, context: CommandContext) {
  const client = new NodeClient(await gatewayUrl(options), context);
  const { analogReleases, members } = await client.get('/record', recordAnswer);
  const release = releaseEnding(analogReleases, id, 'analog release');
  const supplier = members.find(({ key, former }) =>
    [key, ...former.map((each) => each.key)].includes(release.author),
  )?.organisation;
  return {
    checkpoint: release.checkpoint,
    name: release.name,
    modelVersion: release.version,
    licence: release.licence,
    ...(supplier === undefined ? {} : { supplier }),
    ...(release.established === null ? {} : { time: new Date(release.established) }),
  };
}

function nameModel({ name, modelVersion, supplier, licence, time }: Partial<DescribeOptions>): Pick<
  DescribedModel,
  'name' | 'version' | 'supplier' | 'created'
> & {
  readonly licence: string | null;
} {
  if (name === undefined || modelVersion === undefined || supplier === undefined)
    throw new OversightError('argument-invalid', 'give --release, or --name, --model-version and --supplier');
  // whole seconds, as SPDX has them
  const created = (time ?? new Date()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return { name, version: modelVersion, supplier, licence: licence ?? null, created };
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?$/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('Give a time in UTC, such as 2026-11-21T14:03:00Z.');
}
