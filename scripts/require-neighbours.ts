import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that the tests run as real neighbours, with the package that brings each. */
const NEIGHBOURS = [
  { programs: ['nats-server'], debian: 'nats-server', elsewhere: 'brew install nats-server' },
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    elsewhere: 'brew install chromium',
  },
] as const;

/** Debian keeps some servers here, outside a plain user's PATH. */
const EXTRA_PATH = ['/usr/sbin', '/usr/local/sbin'];

function isInstalled(programs: readonly string[]): boolean {
  const path = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_PATH];
  return programs.some((program) => path.some((directory) => isExecutable(join(directory, program))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run
  }
}

function run(command: readonly string[]): boolean {
  const [program, ...args] = command;
  const { status } = spawnSync(program as string, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

const missing = NEIGHBOURS.filter(({ programs }) => !isInstalled(programs));
if (missing.length > 0) {
  const packages = missing.map(({ debian }) => debian);
  console.log(`installing what the tests need: ${packages.join(', ')}`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (isInstalled(['apt-get'])) {
    run([...sudo, 'apt-get', 'update', '-qq']);
    run([...sudo, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]);
  }
}
const still = NEIGHBOURS.filter(({ programs }) => !isInstalled(programs));
if (still.length > 0) {
  for (const { debian, elsewhere } of still) {
    console.error(
      `The tests need ${debian}. Install it (Debian: apt-get install ${debian}; macOS: ${elsewhere}).`,
    );
  }
  process.exit(1);
}
