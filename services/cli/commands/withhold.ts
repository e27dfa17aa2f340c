import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { isPlainObject } from '../../../protocols/base/plain.ts';
import { fieldPath, WITHHELD_REASONS } from '../../../protocols/kinds/index.ts';
import type { CommandContext } from '../cli.ts';
import { addNodeOptions, gatewayUrl, homeDirectory, type NodeOptions } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { readJsonFile } from '../read-json.ts';
import { clean, fields } from '../terminal.ts';
import { readReaders } from './disclosure/readers.ts';

interface WithholdOptions extends NodeOptions {
  readonly kind: string;
  readonly field: readonly string[];
  readonly reason: (typeof WITHHELD_REASONS)[number];
  readonly until: string;
  readonly to?: readonly string[];
  readonly out: string;
  readonly json?: boolean;
}

/** Notices with sealed fields, made before they are published. */
export function addWithhold(program: Command, context: CommandContext): void {
  addNodeOptions(program.command('withhold <notice>'))
    .description('withhold fields of a notice, sealed to regulators, and keep what opens them in the home')
    .requiredOption('--kind <kind>', 'of the message that it is to be, such as frontier-release')
    .requiredOption('--field <path...>', 'what to withhold, as a JSON Pointer such as /model/parameters')
    .addOption(new Option('--reason <reason>', 'why').choices(WITHHELD_REASONS).makeOptionMandatory())
    .requiredOption('--until <date>', 'until when the home keeps what stood there', parseDate)
    .option('--to <member...>', 'who can open them (default: every regulator of the charter)')
    .requiredOption('--out <file>', 'where the notice goes, for `oversight publish --body`')
    .option('--json', 'print JSON')
    .action(async (file: string, options: WithholdOptions) => {
      const notice = await readJsonFile(file);
      if (!isPlainObject(notice))
        throw new OversightError('argument-invalid', `${file} is not an object of text, integers and lists`);
      for (const path of options.field) checkPath(path);
      const client = new NodeClient(await gatewayUrl(options), context);
      const readers = await readReaders(client, options.to ?? 'regulators');
      const { withholdFields } = await import('../../node/index.ts');
      const { body, withheld } = await withholdFields(homeDirectory(options.home), notice, {
        kind: options.kind.includes('/') ? options.kind : `${options.kind}/1`,
        fields: options.field,
        reason: options.reason,
        retainedUntil: options.until,
        readers: readers.map(({ sealing }) => sealing),
      });
      await writeFile(options.out, `${JSON.stringify(body, null, 2)}\n`);
      const names = readers.map(({ name }) => name);
      const rows = withheld.map(({ context: { field }, commitment }) => ({ field, commitment }));
      if (options.json) return context.print(JSON.stringify({ sealedTo: names, withheld: rows }, null, 2));
      context.print(
        fields([
          ...rows.map(({ field, commitment }) => [clean(field), commitment] as const),
          ['sealed to', names.length === 0 ? 'nobody' : clean(names.join(', '))],
          ['notice', options.out],
        ]),
      );
      context.note('Back up the home: only it can open these fields to anyone else.');
    });
}

/** @throws OversightError `argument-invalid` */
export function checkPath(path: string): void {
  if (fieldPath.safeParse(path).success) return;
  throw new OversightError('argument-invalid', `${path} is no JSON Pointer such as /model/parameters`);
}

function parseDate(text: string): string {
  if (z.iso.date().safeParse(text).success) return text;
  throw new InvalidArgumentError('Give a date, such as 2036-12-31.');
}
