import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { hasErrno, OversightError } from '../../protocols/base/errors.ts';
import { readJsonFile } from './read-json.ts';

/** Where a command finds its node: `--url`, else OVERSIGHT_URL, else what the node in the home has written. */
export interface NodeOptions {
  readonly url?: string;
  readonly home?: string;
}

/** node.json of a home: there while the node runs. */
const runningNode = z.looseObject({ gateway: z.url({ protocol: /^https?$/ }) });

export function homeOption(): Option {
  return new Option('--home <dir>', "the node's home (default: OVERSIGHT_HOME, else ~/.oversight)");
}

export function addNodeOptions(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', "the node's gateway (default: OVERSIGHT_URL, else of the home)"))
    .addOption(homeOption());
}

/** Absolute. An explicit directory, else OVERSIGHT_HOME, else ~/.oversight. */
export function homeDirectory(home: string | undefined): string {
  return resolve(home ?? process.env['OVERSIGHT_HOME'] ?? join(homedir(), '.oversight'));
}

/** @throws OversightError `node-unreachable`, `argument-invalid` */
export async function gatewayUrl(options: NodeOptions): Promise<string> {
  const given = options.url ?? process.env['OVERSIGHT_URL'];
  if (given !== undefined) return checkUrl(given);
  const path = join(homeDirectory(options.home), 'node.json');
  try {
    return checkUrl(runningNode.parse(await readJsonFile(path)).gateway);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    throw new OversightError(
      'node-unreachable',
      `no node runs in ${homeDirectory(options.home)}; start it with \`oversight up\`, or give --url`,
      { cause: error },
    );
  }
}

/** The owner's token. That of a home is sent only where the user named the home or the address came from it. */
export async function ownerToken(options: NodeOptions): Promise<string> {
  const given = process.env['OVERSIGHT_TOKEN'];
  if (given !== undefined) return given.trim();
  const elsewhere = options.url !== undefined || process.env['OVERSIGHT_URL'] !== undefined;
  if (elsewhere && options.home === undefined) {
    throw new OversightError(
      'token-invalid',
      "set OVERSIGHT_TOKEN, or give the node's --home beside the URL",
    );
  }
  const path = join(homeDirectory(options.home), 'token');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new OversightError('token-invalid', `cannot read the owner's token in ${path}`, { cause: error });
  }
}

function checkUrl(text: string): string {
  const parsed = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!parsed.success) throw new OversightError('argument-invalid', `${text} is not an http or https URL`);
  return parsed.data.replace(/\/+$/, '');
}
