import { type Command, InvalidArgumentError, Option } from 'commander';
import { ROLES, type Role } from '../../../protocols/kinds/index.ts';
import type { CommandContext } from '../cli.ts';
import { homeDirectory, homeOption } from '../location.ts';
import { parsePort } from '../parse-numbers.ts';
import { fields, wrap } from '../terminal.ts';

const GATEWAY_PORT = 7710;
const LISTEN = '/ip4/0.0.0.0/tcp/4001';

interface InitOptions {
  readonly home?: string;
  readonly name: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
  readonly listen: readonly string[];
  readonly libp2p: boolean;
  readonly peer: readonly string[];
  readonly nats: readonly string[];
  readonly nkey?: boolean;
  readonly gatewayHost: string;
  readonly gatewayPort: number;
  readonly json?: boolean;
}

export function addInit(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description('make the home of a new node: its keys, its configuration, its entry for a charter')
    .addOption(homeOption())
    .requiredOption('--name <name>', 'lower-case words joined by hyphens, such as example-lab')
    .requiredOption('--organisation <text>', 'the organisation that answers for the node')
    .addOption(
      new Option('--roles <list>', ROLES.join(', ')).argParser(parseRoles).default(['observer'], 'observer'),
    )
    .addOption(
      new Option('--listen <multiaddr...>', 'where its libp2p host listens').default([LISTEN], LISTEN),
    )
    .option('--no-libp2p', 'speak over NATS only')
    .addOption(new Option('--peer <multiaddr...>', 'libp2p neighbours to dial').default([], 'none'))
    .addOption(new Option('--nats <url...>', 'NATS servers').default([], 'none'))
    .option('--nkey', 'log in to NATS with the key of this node')
    .option('--gateway-host <address>', 'address that the HTTP gateway listens on', '127.0.0.1')
    .addOption(
      new Option('--gateway-port <n>', 'port of the HTTP gateway; 0 for any')
        .argParser(parsePort)
        .default(GATEWAY_PORT),
    )
    .option('--json', 'print the member entry alone')
    .action(async (options: InitOptions) => {
      const { homePaths, initHome } = await import('../../node/home.ts');
      const home = homeDirectory(options.home);
      const { name, organisation, roles } = options;
      const member = await initHome(
        home,
        { name, organisation, roles },
        {
          listen: options.libp2p ? options.listen : null,
          peers: options.peer,
          nats: options.nats,
          nkey: options.nkey === true,
          gatewayHost: options.gatewayHost,
          gatewayPort: options.gatewayPort,
          // where the charter says so; the owner can switch it off
          verifies: true,
        },
      );
      if (options.json) return context.print(JSON.stringify(member, null, 2));
      const { natsUserOf, peerIdOf } = await import('../../node/index.ts');
      const paths = homePaths(home);
      context.print(
        fields([
          ['node', `${member.name} (${member.roles.join(', ')})`],
          ['key', member.keys.signing],
          ['peer id', peerIdOf(member.keys.libp2p)],
          ['NATS nkey', natsUserOf(member.keys.nats)],
          ['home', home],
          ['entry', paths.member],
        ]),
      );
      context.print('');
      context.print(
        wrap('Hand the entry to whoever writes the charter, then join with the charter they give you:'),
      );
      context.print(
        `  oversight join ${options.home === undefined ? '' : `--home ${options.home} `}--charter <file>`,
      );
      context.print(wrap(`Keep a safe copy of ${paths.seed}; who has it can speak as this node.`));
    });
}

function parseRoles(list: string): Role[] {
  return list.split(',').map((text) => {
    const role = ROLES.find((each) => each === text.trim());
    if (role === undefined) {
      throw new InvalidArgumentError(`The roles are ${ROLES.join(', ')}.`);
    }
    return role;
  });
}
