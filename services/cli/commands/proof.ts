import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import type { CommandContext } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { checkProof, type ProvenMessage, trustOf } from '../proof.ts';
import { clean, fields } from '../terminal.ts';

interface WriteOptions extends NodeOptions {
  readonly out?: string;
  readonly policyOut?: string;
}

interface VerifyOptions {
  readonly policy: string;
  readonly json?: boolean;
}

export function addProof(program: Command, context: CommandContext): void {
  const proof = addNodeOptions(
    program
      .command('proof')
      .description('write a proof that a message was said and witnessed, which anyone can check offline')
      .argument('<id>', 'the message'),
  )
    .option('--out <file>', 'where to write it (default: <id>.tlog-proof)')
    .option('--policy-out <file>', 'write the witness policy too, for who checks it')
    .action(async (id: string, options: WriteOptions) => write(id, options, context));
  proof
    .command('verify')
    .description('check a proof on this machine, without a network')
    .argument('<file>', 'the .tlog-proof')
    .requiredOption('--policy <file>', 'the feeds and witnesses you trust: a C2SP tlog-policy file')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 when it holds and the policy is content, else 1.')
    .action(async (file: string, options: VerifyOptions) => verify(file, options, context));
}

async function write(id: string, options: WriteOptions, context: CommandContext): Promise<void> {
  if (!messageId.safeParse(id).success)
    throw new OversightError('argument-invalid', `${id} is not a message id`);
  const client = new NodeClient(await gatewayUrl(options), context);
  const out = options.out ?? `${id}.tlog-proof`;
  await writeFile(out, await client.getText(`/messages/${id}.tlog-proof`));
  context.print(`wrote ${out}`);
  if (options.policyOut === undefined) return;
  await writeFile(options.policyOut, await client.getText(`/witness-policy?message=${id}`));
  context.print(`wrote ${options.policyOut}`);
}

async function verify(file: string, options: VerifyOptions, context: CommandContext): Promise<void> {
  const trust = trustOf(await readFile(options.policy, 'utf8'));
  const checked = checkProof(await readFile(file), trust);
  if (!checked.ok) {
    throw new OversightError('request-refused', `${file}: ${checked.reason}: ${checked.detail}`, {
      details: { reason: checked.reason },
    });
  }
  const isWitnessed = checked.value.established !== null;
  if (!isWitnessed) context.exitWith(EXIT.failed);
  context.print(options.json ? JSON.stringify(jsonOf(checked.value), null, 2) : viewOf(checked.value));
}

function jsonOf({ federation, message, size, witnesses, established }: ProvenMessage) {
  const { id, author, sequence, kind, issuedAt, body } = message;
  return {
    federation,
    message: { id, author, sequence, kind, issuedAt, body },
    size,
    witnesses,
    established,
  };
}

function viewOf({ federation, message, size, witnesses, established }: ProvenMessage): string {
  const seen = witnesses.map(({ name, time }): [string, string] => [
    'witness',
    `${clean(name)} ${dateOf(time)}`,
  ]);
  return fields([
    ['message', message.id],
    ['kind', clean(message.kind)],
    ['author', message.author],
    ['federation', federation],
    ['place', `${message.sequence + 1} of ${size} in its feed: holds`],
    ...seen,
    ['established', established === null ? 'NOT: too few witnesses for the policy' : dateOf(established)],
  ]);
}

function dateOf(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
}
