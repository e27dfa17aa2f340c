import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Positions } from '../../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { CommandContext } from '../../cli.ts';
import { wholeNumber } from '../../parse-numbers.ts';
import { addFormat, importFrom, positionsOf, type SharedOptions } from './format.ts';
import { addPt } from './import-pt.ts';
import { parseLayers, parseNumber, positionsOption } from './options.ts';

export function addImportIntervention(intervention: Command, context: CommandContext): void {
  const formats = intervention
    .command('import')
    .description('make an intervention of what another tool saved; nothing in it is run');
  for (const add of [addPeft, addGguf, addSaelens, addNeuronpedia, addPt]) add(formats, context);
  for (const [name, reason] of REFUSED) addRefused(formats, name, reason);
}

function addPeft(formats: Command, context: CommandContext): void {
  addFormat(formats, 'peft', 'a LoRA that PEFT saved: a directory with adapter_config.json').action(
    (source: string, out: string, options: SharedOptions) =>
      importFrom({ kind: 'peft', source: resolve(source) }, out, options, context),
  );
}

function addGguf(formats: Command, context: CommandContext): void {
  interface Options extends SharedOptions {
    readonly coefficient: number;
    readonly positions?: Positions;
    readonly layers?: { readonly from: number; readonly to: number };
  }
  addFormat(formats, 'gguf', 'a control vector of llama.cpp or repeng')
    .addOption(
      new Option('--coefficient <x>', 'what the directions are multiplied with')
        .argParser(parseNumber)
        .makeOptionMandatory(),
    )
    .addOption(positionsOption().default({ kind: 'all' }, 'all'))
    .option('--layers <from-to>', 'only directions of these layers', parseLayers)
    .action((source: string, out: string, options: Options) => {
      const { coefficient, layers = null } = options;
      const request = { kind: 'gguf', source: resolve(source), coefficient, layers } as const;
      return importFrom({ ...request, positions: positionsOf(options) }, out, options, context);
    });
}

function addSaelens(formats: Command, context: CommandContext): void {
  interface Options extends SharedOptions {
    readonly feature: number;
    readonly strength?: number;
    readonly clamp?: number;
    readonly positions?: Positions;
    readonly activationScale?: number;
  }
  addFormat(formats, 'saelens', 'a feature of a sparse autoencoder: a directory with cfg.json')
    .addOption(
      new Option('--feature <n>', 'which feature').argParser(wholeNumber(0, 2 ** 24)).makeOptionMandatory(),
    )
    .addOption(
      new Option('--strength <x>', 'add so many times its row of the decoder')
        .argParser(parseNumber)
        .conflicts('clamp'),
    )
    .addOption(new Option('--clamp <x>', 'or bring its activation to this value').argParser(parseNumber))
    .addOption(positionsOption().makeOptionMandatory())
    .addOption(
      new Option('--activation-scale <x>', 'by which activations were multiplied in training').argParser(
        parseNumber,
      ),
    )
    .action((source: string, out: string, options: Options) => {
      const { feature, activationScale = null } = options;
      const effect = effectOnFeature(options);
      const request = { kind: 'saelens', source: resolve(source), feature, effect, activationScale } as const;
      return importFrom({ ...request, positions: positionsOf(options) }, out, options, context);
    });
}

function effectOnFeature({ strength, clamp }: { readonly strength?: number; readonly clamp?: number }) {
  if (strength !== undefined) return { kind: 'add', strength } as const;
  if (clamp !== undefined) return { kind: 'clamp', value: clamp } as const;
  throw new OversightError('argument-invalid', 'give --strength or --clamp');
}

function addNeuronpedia(formats: Command, context: CommandContext): void {
  interface Options extends SharedOptions {
    readonly strength?: number;
    readonly positions?: Positions;
  }
  addFormat(formats, 'neuronpedia', 'a feature or vector as JSON of Neuronpedia')
    .addOption(
      new Option(
        '--strength <x>',
        'what the vector is multiplied with (default: as the file says)',
      ).argParser(parseNumber),
    )
    .addOption(positionsOption().makeOptionMandatory())
    .action((source: string, out: string, options: Options) => {
      const { strength = null } = options;
      const request = { kind: 'neuronpedia', source: resolve(source), strength } as const;
      return importFrom({ ...request, positions: positionsOf(options) }, out, options, context);
    });
}

/** Formats that hold programs, and what to bring instead. */
const REFUSED = [
  [
    'pyvene',
    'its files name Python classes to be built and run; export the vector as safetensors or with torch.save',
  ],
  ['nnsight', 'a traced intervention is a program; export the vector it adds with torch.save'],
] as const;

function addRefused(formats: Command, name: string, reason: string): void {
  formats
    .command(`${name} <source> <out>`, { hidden: true })
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new OversightError('intervention-invalid', `${name} is not read: ${reason}`, {
        details: { reason: 'runs-code' },
      });
    });
}
