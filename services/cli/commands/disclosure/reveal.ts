import type { Command } from 'commander';
import { toHex } from '../../../../protocols/base/bytes.ts';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { PlainObject } from '../../../../protocols/base/plain.ts';
import { openWithheld, withheldFields } from '../../../../protocols/disclosure/index.ts';
import type { CommandContext } from '../../cli.ts';
import { addNodeOptions, gatewayUrl, homeDirectory, type NodeOptions, ownerToken } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { clean, fields } from '../../terminal.ts';
import { checkPath } from '../withhold.ts';
import { findMessage } from './find-message.ts';
import { readReaders } from './readers.ts';

interface RevealOptions extends NodeOptions {
  readonly to?: readonly string[];
  readonly json?: boolean;
}

export function addReveal(disclosure: Command, context: CommandContext): void {
  addNodeOptions(disclosure.command('reveal <message> <field>'))
    .description('publish what stood in a field that this node withheld, to all or sealed to members')
    .option('--to <member...>', 'to them alone (default: to everyone, for good)')
    .option('--json', 'print the message as JSON')
    .action(async (end: string, field: string, options: RevealOptions) => {
      checkPath(field);
      const home = homeDirectory(options.home);
      const { homePaths, readCharterFile, readOpening, sealAgain } = await import('../../../node/index.ts');
      const { id: federation } = await readCharterFile(homePaths(home).charter);
      const client = new NodeClient(await gatewayUrl(options), context);
      const { message } = await findMessage(client, end, federation);
      const there = withheldFields(message.body).find((each) => each.field === field);
      const commitment = there?.withheld.commitment;
      if (commitment === undefined)
        throw new OversightError('argument-invalid', `${field} is not withheld under a commitment there`);
      const opening = await readOpening(home, commitment);
      const agreed = openWithheld({ ...message, federation }, field, opening);
      // the file is another's, or the message is: what is published would open nothing
      if (!agreed.ok)
        throw new OversightError('argument-invalid', agreed.detail, { details: { reason: agreed.reason } });
      const { author, kind } = message;
      const readers = options.to === undefined ? null : await readReaders(client, options.to);
      const said =
        readers === null
          ? { field, salt: toHex(opening.salt), value: opening.value }
          : {
              field,
              sealed: sealAgain(
                { federation, author, kind, field },
                opening,
                readers.map(({ sealing }) => sealing),
              ),
            };
      const body = { message: message.id, fields: [said] } as PlainObject;
      const published = await client.publish('disclosure/1', body, await ownerToken(options));
      context.print(
        options.json
          ? JSON.stringify(published, null, 2)
          : fields([
              ['opened', clean(field)],
              ['to', readers === null ? 'everyone' : clean(readers.map(({ name }) => name).join(', '))],
              ['message', published.id],
            ]),
      );
    });
}
