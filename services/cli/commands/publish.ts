import { resolve } from 'node:path';
import type { Command } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import { isPlainObject, type Plain, type PlainObject } from '../../../protocols/base/plain.ts';
import type { CommandContext } from '../cli.ts';
import { readFindingFolder } from '../finding-folder.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { progressBar } from '../progress-bar.ts';
import { readJsonFile } from '../read-json.ts';
import { fields } from '../terminal.ts';

type PublishOptions = NodeOptions & {
  readonly body?: string;
  readonly dir?: string;
  readonly content: readonly string[];
  readonly json?: boolean;
};

/** A directory to add, and where in the body its reference goes. */
interface Placement {
  readonly path: readonly string[];
  readonly directory: string;
  /** Of the model, where it is a checkpoint to sign. */
  readonly model?: string;
}

export function addPublish(program: Command, context: CommandContext): void {
  addNodeOptions(program.command('publish <kind>'))
    .description(
      'sign and publish a message as the node: finding, analog-release, frontier-release or any kind. ' +
        'With --dir, a release takes its checkpoint from there, and a finding is the folder that `verify` runs.',
    )
    .option('--body <file.json>', 'the body of the message')
    .option('--dir <dir>', 'checkpoint of a release, which is signed (model.sig), or folder of a finding')
    .option('--content <path=dir...>', 'add a directory and put its reference at this path of the body', [])
    .option('--json', 'print the message as JSON')
    .action(async (kind: string, options: PublishOptions) => {
      const { body, placements } = await readDraft(kind, options);
      const client = new NodeClient(await gatewayUrl(options), context);
      const token = await ownerToken(options);
      let filled = body;
      for (const { path, directory, model } of placements) {
        const { cid, profile, sizeBytes } =
          model === undefined
            ? await client.addContent(directory, token)
            : await client.addRelease({ directory, name: model }, token, progressBar('read', context));
        if (!options.json) context.print(`added  ${cid}  ${directory}`);
        filled = place(filled, path, { cid, profile, sizeBytes });
      }
      const message = await client.publish(kind.includes('/') ? kind : `${kind}/1`, filled, token);
      context.print(
        options.json
          ? JSON.stringify(message, null, 2)
          : fields([
              ['published', message.kind],
              ['message', message.id],
            ]),
      );
    });
}

async function readDraft(
  kind: string,
  { body: bodyFile, dir, content }: PublishOptions,
): Promise<{ body: PlainObject; placements: Placement[] }> {
  const extra = content.map(parsePlacement);
  const name = kind.split('/')[0];
  if (name === 'finding' && dir !== undefined) {
    if (bodyFile !== undefined)
      throw new OversightError('argument-invalid', 'a finding folder has its own body');
    const folder = await readFindingFolder(dir);
    const placements = [
      ...(folder.intervention === null ? [] : [{ path: ['intervention'], directory: folder.intervention }]),
      { path: ['suite'], directory: folder.suite },
    ];
    return { body: folder.body, placements: [...placements, ...extra] };
  }
  if (bodyFile === undefined)
    throw new OversightError('argument-invalid', 'give the body with --body <file.json>');
  const body = await readJsonFile(bodyFile);
  if (!isPlainObject(body)) {
    throw new OversightError(
      'argument-invalid',
      `${bodyFile} is not an object of text, integers, lists and objects`,
    );
  }
  if (dir === undefined) return { body, placements: extra };
  if (name !== 'frontier-release' && name !== 'analog-release') {
    throw new OversightError(
      'argument-invalid',
      `${kind} has no --dir; say where with --content <path>=<dir>`,
    );
  }
  const { model } = body;
  const modelName = isPlainObject(model) ? model['name'] : undefined;
  if (typeof modelName !== 'string')
    throw new OversightError('argument-invalid', `${bodyFile} names no model`);
  return {
    body,
    placements: [{ path: ['checkpoint'], directory: resolve(dir), model: modelName }, ...extra],
  };
}

function parsePlacement(text: string): Placement {
  const [path, directory] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  if (!text.includes('=') || path === '' || directory === '') {
    throw new OversightError(
      'argument-invalid',
      `${text} is not <path>=<directory>, such as checkpoint=./model`,
    );
  }
  return { path: path.split('.'), directory: resolve(directory) };
}

/** A copy of the body with the value at the path. */
function place(body: PlainObject, [key, ...rest]: readonly string[], value: Plain): PlainObject {
  if (key === undefined) throw new OversightError('argument-invalid', 'an empty path names no field');
  if (rest.length === 0) return { ...body, [key]: value };
  const inner: Plain = Object.hasOwn(body, key) ? (body[key] as Plain) : {};
  if (!isPlainObject(inner)) {
    throw new OversightError(
      'argument-invalid',
      `${key} in the body is not an object to put a reference into`,
    );
  }
  return { ...body, [key]: place(inner, rest, value) };
}
