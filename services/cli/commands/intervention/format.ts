import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Positions } from '../../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { ImportSource } from '../../../node/index.ts';
import type { CommandContext } from '../../cli.ts';
import { progressBar } from '../../progress-bar.ts';
import { interventionView } from '../../views/intervention.ts';

/** What every format is asked besides. */
export interface SharedOptions {
  readonly model: string;
  readonly dataset?: string;
  readonly json?: boolean;
}

/** The command of one format, with what all are asked. */
export function addFormat(formats: Command, kind: string, description: string): Command {
  return formats
    .command(`${kind} <source> <out>`)
    .description(description)
    .addOption(new Option('--model <dir>', 'the model it is for, on this machine').makeOptionMandatory())
    .option('--dataset <text>', 'what it was derived from')
    .option('--json', 'print the manifest');
}

export function positionsOf({ positions }: { readonly positions?: Positions }): Positions {
  if (positions !== undefined) return positions;
  throw new OversightError('argument-invalid', 'say which tokens with --positions');
}

export async function importFrom(
  source: ImportSource,
  out: string,
  options: SharedOptions,
  context: CommandContext,
): Promise<void> {
  const { model, dataset = null, json } = options;
  const { importForModel } = await import('../../../node/index.ts');
  const manifest = await importForModel(source, resolve(out), {
    model: resolve(model),
    dataset,
    signal: context.signal,
    onProgress: progressBar('named', context),
  });
  if (json) return context.print(JSON.stringify(manifest, null, 2));
  context.print(interventionView(manifest));
}
