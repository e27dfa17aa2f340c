import { type Command, InvalidArgumentError } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import { copiesOf } from '../../../protocols/record/index.ts';
import { type RecordAnswer, recordAnswer, statusAnswer } from '../answers.ts';
import type { CommandContext } from '../cli.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { progressBar } from '../progress-bar.ts';
import { fields } from '../terminal.ts';
import { pinsView } from '../views/pins.ts';
import { dateOf } from '../views/time.ts';

const DAY_MS = 86_400_000;

type PinOptions = NodeOptions & { readonly json?: boolean };
type AddOptions = PinOptions & { readonly until?: number; readonly days: number };

export function addPin(program: Command, context: CommandContext): void {
  const pin = program.command('pin').description('promise to keep a checkpoint, and see who does');
  addNodeOptions(pin.command('add <checkpoint>'))
    .description('fetch a checkpoint where it is not here, and promise to keep it; also renews a promise')
    .option('--until <date>', 'the day on which the promise ends, such as 2027-12-31', parseDay)
    .option('--days <n>', 'or how long it runs', wholeNumber(1, 36_500), 365)
    .option('--json', 'print JSON')
    .action(async (given: string, options: AddOptions) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const token = await ownerToken(options);
      const cid = checkpointOf(await client.get('/record', recordAnswer), given);
      const until = options.until ?? Date.now() + options.days * DAY_MS;
      const message = await client.pin({ cid, until }, token, progressBar('fetched', context));
      if (options.json) return context.print(JSON.stringify({ checkpoint: cid, until, message }));
      context.print(
        fields([
          ['checkpoint', cid],
          ['kept until', dateOf(until)],
          ['message', message],
        ]),
      );
    });
  addNodeOptions(pin.command('remove <checkpoint>'))
    .description('take a promise back; the blocks stay until `oversight gc`')
    .option('--json', 'print JSON')
    .action(async (given: string, options: PinOptions) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const token = await ownerToken(options);
      const cid = checkpointOf(await client.get('/record', recordAnswer), given);
      const message = await client.pin({ cid, until: null }, token, () => undefined);
      if (options.json) return context.print(JSON.stringify({ checkpoint: cid, message }));
      context.print(
        fields([
          ['no longer promised', cid],
          ['message', message],
        ]),
      );
    });
  addNodeOptions(pin.command('list'))
    .description('who keeps what until when, and whether they could show it')
    .option('--own', 'only what this node promises')
    .option('--json', 'print JSON')
    .action(async (options: PinOptions & { readonly own?: boolean }) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const record = await client.get('/record', recordAnswer);
      const { name } = await client.get('/status', statusAnswer);
      const pins = record.pins.filter(({ member }) => !options.own || member === name);
      const at = Date.now();
      const listed = pins.map((each) => {
        const { author = '' } = record.analogReleases.find((one) => one.checkpoint === each.checkpoint) ?? {};
        const { copies } = copiesOf(record, { author, checkpoint: each.checkpoint }, at);
        const state = copies.find(({ member }) => member === each.member)?.state ?? 'over';
        return { ...each, state };
      });
      context.print(options.json ? JSON.stringify(listed, null, 2) : pinsView(listed, record));
    });
}

/** A checkpoint that the record names, by its whole CID or an end that only one has; else the CID as it stands. */
function checkpointOf({ analogReleases, pins }: RecordAnswer, given: string): string {
  const end = given.replace(/^…/, '');
  const known = new Set([...analogReleases, ...pins].map(({ checkpoint }) => checkpoint));
  const found = [...known].filter((cid) => cid.endsWith(end));
  if (found.length > 1)
    throw new OversightError('argument-invalid', `${found.length} checkpoints end in ${given}`);
  return found[0] ?? given;
}

/** The end of a day, in UTC. */
function parseDay(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T23:59:59.999Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Give a date such as 2027-12-31.');
  return ms;
}
