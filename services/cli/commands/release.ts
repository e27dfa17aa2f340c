import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import {
  type PublicationKey,
  parsePublicKeyPem,
  publicationKeyOf,
} from '../../../protocols/provenance/index.ts';
import {
  DEFAULT_RELEASE_POLICY,
  type ReleasePolicy,
  type Requirement,
  releasePolicy,
} from '../../../protocols/release/index.ts';
import { recordAnswer } from '../answers.ts';
import type { CommandContext } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { inBytes, progressBar } from '../progress-bar.ts';
import { readChecked } from '../read-json.ts';
import { clean, fields } from '../terminal.ts';
import { requirementsView } from '../views/release.ts';

interface JudgeOptions extends NodeOptions {
  readonly frontier?: string;
  readonly frontierParameters?: number;
  readonly licence?: string;
  readonly policy?: string;
  readonly json?: boolean;
}

const SIZE_LIMIT = 2 ** 53 - 1;

/** `release`: what a release engineer does, from a directory to a published analog. */
export function addRelease(program: Command, context: CommandContext): void {
  const release = program.command('release').description('prepare, sign and publish a checkpoint');
  addPrepare(release, context);
  addPublishRelease(release, context);
  addImport(release, context);
  addVerifyRelease(release, context);
}

function judgeOptions(command: Command): Command {
  return addNodeOptions(command)
    .option('--frontier <id>', 'the frontier release, whose size a node knows; the end of its id is enough')
    .addOption(
      new Option('--frontier-parameters <n>', 'its size, where no node is asked').argParser(
        wholeNumber(1, SIZE_LIMIT),
      ),
    )
    .option('--licence <id>', 'SPDX identifier (default: as README.md says)')
    .option('--policy <file>', 'judge by this policy instead of the usual one')
    .option('--json', 'print JSON');
}

function addPrepare(release: Command, context: CommandContext): void {
  judgeOptions(release.command('prepare <dir>'))
    .description('check a directory before anything is signed, and say what is missing')
    .option('--headers-only', 'do not read the weights')
    .addHelpText('after', '\nExit status: 0 ready, 3 a requirement failed, 4 one could not be judged.')
    .action(async (dir: string, options: JudgeOptions & { readonly headersOnly?: boolean }) => {
      const weights = options.headersOnly ? 'unread' : 'read';
      const { requirements, facts } = await judge(dir, options, weights, context);
      context.exitWith(statusOf(requirements));
      const model = facts && { modelType: facts.modelType, parameters: facts.parameters, dtype: facts.dtype };
      context.print(
        options.json ? JSON.stringify({ model, requirements }, null, 2) : requirementsView(requirements),
      );
    });
}

function addPublishRelease(release: Command, context: CommandContext): void {
  judgeOptions(release.command('publish <dir>'))
    .description('sign a directory, add it to the node and announce it as an analog release')
    .requiredOption('--name <name>', 'of the model')
    .requiredOption('--model-version <version>', 'of the model')
    .requiredOption('--summary <text>', 'what people read first')
    .option('--force', 'publish although a requirement has failed')
    .action(async (dir: string, options: JudgeOptions & PublishOptions) => {
      const prepared = await judge(dir, options, 'unread', context);
      const { requirements, facts } = prepared;
      const licence = options.licence ?? prepared.licence;
      if (facts === null || licence === null || (statusOf(requirements) === EXIT.refuted && !options.force)) {
        context.exitWith(EXIT.refuted);
        const text = requirementsView(requirements);
        return context.print(options.json ? JSON.stringify({ requirements }, null, 2) : text);
      }
      const client = new NodeClient(await gatewayUrl(options), context);
      const token = await ownerToken(options);
      const frontier = await findFrontier(client, options.frontier ?? '');
      const signed = await client.addRelease(
        { directory: resolve(dir), name: options.name },
        token,
        progressBar('read', context),
      );
      const { cid, profile, sizeBytes } = signed;
      const body = {
        frontier: frontier.id,
        model: {
          name: options.name,
          version: options.modelVersion,
          modelType: facts.modelType,
          parameters: facts.parameters,
        },
        licence,
        summary: options.summary,
        checkpoint: { cid, profile, sizeBytes },
      };
      const message = await client.publish('analog-release/1', body, token);
      if (options.json) return context.print(JSON.stringify({ message, checkpoint: signed }, null, 2));
      context.print(
        fields([
          ['published', message.id],
          ['checkpoint', cid],
          ['size', inBytes(sizeBytes)],
          ['signature', 'model.sig'],
        ]),
      );
    });
}

interface PublishOptions {
  readonly name: string;
  readonly modelVersion: string;
  readonly summary: string;
  readonly force?: boolean;
}

function addImport(release: Command, context: CommandContext): void {
  release
    .command('import-hf <snapshot> <dir>')
    .description('make a directory of real files from a snapshot of the Hugging Face cache, checking each')
    .option('--link', 'hard links into the cache instead of copies')
    .option('--json', 'print JSON')
    .action(
      async (
        snapshot: string,
        dir: string,
        options: { readonly link?: boolean; readonly json?: boolean },
      ) => {
        const { importSnapshot } = await import('../../node/index.ts');
        const imported = await importSnapshot(snapshot, resolve(dir), {
          signal: context.signal,
          onProgress: progressBar('imported', context),
          files: options.link ? 'link' : 'copy',
        });
        if (options.json) return context.print(JSON.stringify(imported, null, 2));
        const { files, sizeBytes, verified, hidden, directory } = imported;
        context.print(
          fields([
            ['imported', `${files} files, ${inBytes(sizeBytes)}`],
            ['verified', `${verified} by the digest of the hub`],
            ['left out', hidden.length === 0 ? 'none' : clean(hidden.join(', '))],
            ['directory', directory],
          ]),
        );
      },
    );
}

interface VerifyOptions {
  readonly key: string;
  readonly signature?: string;
  readonly unsigned: readonly string[];
  readonly json?: boolean;
}

function addVerifyRelease(release: Command, context: CommandContext): void {
  release
    .command('verify <dir>')
    .description('check that a directory is what the holder of a key signed (OpenSSF Model Signing)')
    .requiredOption('--key <key>', "public key: a PEM file, or a member's publication key (did:key)")
    .option('--signature <file>', 'the signature (default: model.sig in the directory)')
    .option('--unsigned <path...>', 'files that may be there though nobody signed them', [])
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 it holds, 3 it does not.')
    .action(async (dir: string, options: VerifyOptions) => {
      const { verifyRelease } = await import('../../node/index.ts');
      const { signature, unsigned } = options;
      const key = await readKey(options.key);
      const verified = await verifyRelease(
        dir,
        { key, unsigned, ...(signature === undefined ? {} : { signature }) },
        { signal: context.signal, onProgress: progressBar('read', context) },
      );
      context.exitWith(verified.ok ? EXIT.done : EXIT.refuted);
      if (options.json) return context.print(JSON.stringify(verified, null, 2));
      context.print(
        verified.ok
          ? `signed: “${clean(verified.value.name)}”, ${verified.value.files.length} files, each as it was signed`
          : `NOT SIGNED LIKE THIS (${verified.reason}): ${clean(verified.detail)}`,
      );
    });
}

async function judge(
  dir: string,
  options: JudgeOptions,
  weights: 'read' | 'unread',
  context: CommandContext,
) {
  const { prepareRelease } = await import('../../node/index.ts');
  const question = {
    policy: await policyOf(options.policy),
    licence: options.licence ?? null,
    frontierParameters: await frontierParameters(options, context),
    weights,
  };
  const onProgress = weights === 'read' ? { onProgress: progressBar('read', context) } : {};
  return prepareRelease(resolve(dir), question, { signal: context.signal, ...onProgress });
}

async function frontierParameters(options: JudgeOptions, context: CommandContext): Promise<number | null> {
  if (options.frontierParameters !== undefined) return options.frontierParameters;
  if (options.frontier === undefined) return null;
  const client = new NodeClient(await gatewayUrl(options), context);
  return (await findFrontier(client, options.frontier)).parameters;
}

async function findFrontier(client: NodeClient, end: string) {
  const { frontierReleases } = await client.get('/record', recordAnswer);
  const found = frontierReleases.filter(({ id }) => end !== '' && id.endsWith(end));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const problem = found.length === 0 ? 'no frontier release' : 'more than one frontier release';
  throw new OversightError('not-found', `${problem} ends in “${end}”; give --frontier <id>`);
}

async function policyOf(file: string | undefined): Promise<ReleasePolicy> {
  return file === undefined ? DEFAULT_RELEASE_POLICY : readChecked(file, releasePolicy);
}

async function readKey(text: string): Promise<PublicationKey> {
  if (text.startsWith('did:key:')) {
    const key = publicationKeyOf(text);
    if (key === null) throw new OversightError('argument-invalid', `${text} is no key of P-256`);
    return key;
  }
  const parsed = parsePublicKeyPem(await readFile(text, 'utf8'));
  if (!parsed.ok) throw new OversightError('argument-invalid', `${basename(text)}: ${parsed.detail}`);
  return parsed.value;
}

function statusOf(requirements: readonly Requirement[]) {
  if (requirements.some(({ state }) => state === 'failed')) return EXIT.refuted;
  return requirements.some(({ state }) => state === 'open') ? EXIT.inconclusive : EXIT.done;
}
