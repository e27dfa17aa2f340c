import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../../services/cli/cli.ts';
import { ROOT, readRepositoryFile } from './deploy-files.ts';

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'deploy/README.md'];

describe.each(DOCUMENTS)('%s', (document) => {
  test('every oversight command in it is one that the program takes', async () => {
    for (const line of commandsIn(await readRepositoryFile(document))) {
      const program = withoutActions(buildProgram({ ...quiet, signal: AbortSignal.abort() }));
      await expect(program.parseAsync(words(line), { from: 'user' }), line).resolves.toBeDefined();
    }
  });

  test('every npm script in it exists', async () => {
    const { scripts } = JSON.parse(await readRepositoryFile('package.json')) as { scripts: object };
    const text = await readRepositoryFile(document);
    for (const [, name = ''] of text.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name]);
  });

  test('every link in it leads somewhere', async () => {
    const text = await readRepositoryFile(document);
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      await stat(join(ROOT, dirname(document), target));
    }
    for (const [, path = ''] of text.matchAll(
      /`((?:protocols|services|test|deploy|scripts)\/[\w./-]+)(?: §[\d.]+)?`/g,
    )) {
      await stat(join(ROOT, path));
    }
  });
});

test('the commands of the documents are found', async () => {
  expect(commandsIn(await readRepositoryFile('README.md'))).toContain('verify deploy/demo/finding');
  expect(commandsIn(await readRepositoryFile('deploy/README.md')).length).toBeGreaterThan(8);
});

const quiet = { print: () => {}, note: () => {}, draw: null, exitWith: () => {} };

/** Lines of code blocks that run the command, by name, through npm or under another program. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'))
    .flatMap((line) => {
      const found = /(?:^|-- |exec \w+ |npm run )oversight (?:-- )?(.+?)(?:\s+[>|#&].*)?$/.exec(line.trim());
      return found?.[1] === undefined ? [] : [found[1]];
    });
}

/** As a shell splits them: quotes hold words together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** The same commands and options, doing nothing. */
function withoutActions(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => {});
  for (const each of command.commands) withoutActions(each);
  return command;
}
