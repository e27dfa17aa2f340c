import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  DEADLINE_DAYS,
  EVENT_TYPES,
  type EventFilter,
  eventFilterOf,
  type FilterParts,
  STANDINGS,
} from '../../../protocols/events/index.ts';
import { messageId } from '../../../protocols/kinds/index.ts';
import type { CommandContext } from '../cli.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { SubscriptionClient } from '../subscription-client.ts';
import { fields } from '../terminal.ts';
import { deadView, subscriptionsView } from '../views/subscriptions.ts';

type Options = NodeOptions & { readonly json?: boolean };
type AddOptions = Options &
  FilterParts & {
    readonly secret?: string;
    readonly after?: number;
  };

const CURSOR = wholeNumber(0, 999_999_999_999_999);

export function addSubscription(program: Command, context: CommandContext): void {
  const subscription = program
    .command('subscription')
    .description('have events sent to an address, signed (Standard Webhooks)');
  const open = async (options: Options) =>
    new SubscriptionClient(new NodeClient(await gatewayUrl(options), context), await ownerToken(options));

  addNodeOptions(subscription.command('add <url>'))
    .description('send what the filter wants to an https address; all that is given must hold')
    .addOption(new Option('--type <list>', 'types, such as analog.released').argParser(oneOf(EVENT_TYPES)))
    .addOption(new Option('--kind <list>', 'kinds of message, such as determination/1').argParser(listOf))
    .addOption(new Option('--lab <list>', 'names of labs whose models it is about').argParser(listOf))
    .addOption(new Option('--model <list>', 'ids of frontier releases').argParser(idsOf))
    .addOption(new Option('--standing <list>', 'what a finding has become').argParser(oneOf(STANDINGS)))
    .addOption(
      new Option('--deadline <list>', `${DEADLINE_DAYS.join(', ')} days ahead, or overdue`).argParser(
        deadlinesOf,
      ),
    )
    .option('--released', 'only about models that have been released')
    .option('--secret <whsec>', 'default: a new one, told once')
    .addOption(
      new Option('--after <cursor>', 'begin after this cursor (default: with what comes)').argParser(CURSOR),
    )
    .option('--json', 'print JSON')
    .action(async (url: string, options: AddOptions) => {
      const { secret, after } = options;
      const added = await (await open(options)).add({
        url,
        filter: eventFilterOf(options),
        ...(secret === undefined ? {} : { secret }),
        ...(after === undefined ? {} : { after }),
      });
      if (options.json) return context.print(JSON.stringify(added));
      context.print(
        fields([
          ['subscription', added.id],
          ['address', added.url],
          ['secret', added.secret],
        ]),
      );
    });
  addNodeOptions(subscription.command('list'))
    .description('the webhooks of this node, and how far each has been served')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const all = await (await open(options)).list();
      context.print(options.json ? JSON.stringify(all, null, 2) : subscriptionsView(all));
    });
  addNodeOptions(subscription.command('remove <subscription>'))
    .description('send no more')
    .action(async (id: string, options: Options) => {
      await (await open(options)).remove(id);
      context.print(fields([['removed', id]]));
    });
  addNodeOptions(subscription.command('replay <subscription>'))
    .description('send again what is after a cursor')
    .addOption(new Option('--after <cursor>', 'default: all').argParser(CURSOR).default(0))
    .action(async (id: string, options: Options & { readonly after: number }) => {
      const { cursor } = await (await open(options)).replay(id, options.after);
      context.print(fields([['sent again after', String(cursor)]]));
    });
  addNodeOptions(subscription.command('dead <subscription>'))
    .description('events that were given up after three days')
    .addOption(new Option('--after <cursor>', 'only after this cursor').argParser(CURSOR).default(0))
    .option('--json', 'print JSON')
    .action(async (id: string, options: Options & { readonly after: number }) => {
      const letters = await (await open(options)).dead(id, options.after);
      context.print(options.json ? JSON.stringify(letters, null, 2) : deadView(letters));
    });
}

function listOf(text: string): string[] {
  return text.split(',').map((each) => each.trim());
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => T[] {
  return (text) =>
    listOf(text).map((each) => {
      const value = values.find((one) => one === each);
      if (value === undefined) throw new InvalidArgumentError(`Choose from ${values.join(', ')}.`);
      return value;
    });
}

function idsOf(text: string): NonNullable<EventFilter['models']> {
  return listOf(text).map((each) => {
    const id = messageId.safeParse(each);
    if (!id.success) throw new InvalidArgumentError('Give the whole id of a frontier release.');
    return id.data;
  });
}

function deadlinesOf(text: string): NonNullable<EventFilter['deadlines']> {
  return oneOf([...DEADLINE_DAYS.map(String), 'overdue'])(text).map(
    (each) => DEADLINE_DAYS.find((days) => String(days) === each) ?? 'overdue',
  );
}
