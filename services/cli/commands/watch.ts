import { type Command, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../../../protocols/base/errors.ts';
import { type CloudEvent, EVENT_TYPES } from '../../../protocols/events/index.ts';
import type { CommandContext } from '../cli.ts';
import { readEvents } from '../event-reader.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { clean, clip, WIDTH } from '../terminal.ts';

type WatchOptions = NodeOptions & {
  readonly after: number;
  readonly type: readonly string[];
  readonly json?: boolean;
};

export function addWatch(program: Command, context: CommandContext): void {
  addNodeOptions(program.command('watch'))
    .description('print what happens as it happens, until interrupted')
    .addOption(
      new Option('--after <cursor>', 'leave out what came up to this cursor')
        .argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER))
        .default(0),
    )
    .addOption(
      new Option('--type <list>', 'only these types, such as analog.released')
        .argParser(parseTypes)
        .default([], 'all'),
    )
    .option('--json', 'print each event as a CloudEvent, one a line')
    .action(async (options: WatchOptions) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const events = readEvents(client, {
        after: options.after,
        types: options.type,
        signal: context.signal,
        onReconnect: (error) =>
          context.note(`connection lost (${clean(messageOf(error))}); connecting again`),
      });
      for await (const event of events)
        context.print(options.json ? JSON.stringify(event) : eventLine(event));
    });
}

/** `  12  2026-11-21 14:03:22  example-lab released the analog …` */
function eventLine({ id, time, data }: CloudEvent): string {
  const when = time.slice(0, 19).replace('T', ' ');
  return clip(`${clean(id).padStart(4)}  ${clean(when)}  ${clean(data.summary)}`, WIDTH);
}

function parseTypes(list: string): string[] {
  return list.split(',').map((text) => {
    const type = EVENT_TYPES.find((each) => each === text.trim());
    if (type === undefined) {
      throw new InvalidArgumentError(`The types are ${EVENT_TYPES.join(', ')}.`);
    }
    return type;
  });
}
