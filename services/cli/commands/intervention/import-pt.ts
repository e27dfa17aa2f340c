import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { PointName, Positions } from '../../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { ImportSource } from '../../../node/index.ts';
import type { CommandContext } from '../../cli.ts';
import { addFormat, importFrom, positionsOf, type SharedOptions } from './format.ts';
import { parseIndices, parseNumber, parsePointName, positionsOption } from './options.ts';

interface PtOptions extends SharedOptions {
  readonly tensor?: readonly string[];
  readonly index?: readonly number[];
  readonly operation: 'add' | 'ablate' | 'orthogonalise';
  readonly at?: PointName;
  readonly everywhere?: boolean;
  readonly coefficient?: number;
  readonly unit?: boolean;
  readonly changeUnembedding?: boolean;
  readonly positions?: Positions;
}

export function addPt(formats: Command, context: CommandContext): void {
  addFormat(formats, 'pt', 'a vector that torch.save wrote; its pickle is read, not run')
    .option('--tensor <key...>', 'where it is in dictionaries and lists, from the outside in')
    .option('--index <i,j,…>', 'its first indices, such as position and layer', parseIndices)
    .addOption(
      new Option('--operation <what>', 'what is done with it')
        .choices(['add', 'ablate', 'orthogonalise'])
        .default('add'),
    )
    .option('--at <point>', 'where it is added or ablated', parsePointName)
    .option('--everywhere', 'ablated at every point')
    .addOption(
      new Option('--coefficient <x>', 'what it is multiplied with, where it is added').argParser(parseNumber),
    )
    .option('--unit', 'brought to length 1 before that')
    .option('--change-unembedding', 'orthogonalise a tied unembedding too')
    .addOption(positionsOption())
    .action((source: string, out: string, options: PtOptions) => {
      const { tensor: path = [], index: rows = [] } = options;
      const request = { kind: 'pt', source: resolve(source), path, rows } as const;
      return importFrom({ ...request, effect: effectOfVector(options) }, out, options, context);
    });
}

function effectOfVector(options: PtOptions): Extract<ImportSource, { kind: 'pt' }>['effect'] {
  const { operation, at, coefficient } = options;
  if (operation === 'orthogonalise')
    return { kind: 'orthogonalise', tiedUnembedding: options.changeUnembedding ? 'changed' : 'unchanged' };
  const positions = positionsOf(options);
  if (operation === 'ablate' && options.everywhere) return { kind: 'ablate', at: 'everywhere', positions };
  if (at === undefined) throw new OversightError('argument-invalid', 'say where with --at');
  if (operation === 'ablate') return { kind: 'ablate', at, positions };
  if (coefficient === undefined)
    throw new OversightError('argument-invalid', 'say how much with --coefficient');
  return { kind: 'add', at, positions, coefficient, norm: options.unit ? 'unit' : 'as-stored' };
}
