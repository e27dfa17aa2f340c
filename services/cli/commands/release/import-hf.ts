import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../../cli.ts';
import { inBytes, progressBar } from '../../progress-bar.ts';
import { clean, fields } from '../../terminal.ts';

export function addImport(release: Command, context: CommandContext): void {
  release
    .command('import-hf <snapshot> <dir>')
    .description('make a directory of real files from a snapshot of the Hugging Face cache, checking each')
    .option('--link', 'hard links into the cache instead of copies')
    .option('--json', 'print JSON')
    .action(
      async (
        snapshot: string,
        dir: string,
        options: { readonly link?: boolean; readonly json?: boolean },
      ) => {
        const { importSnapshot } = await import('../../../node/index.ts');
        const imported = await importSnapshot(snapshot, resolve(dir), {
          signal: context.signal,
          onProgress: progressBar('imported', context),
          files: options.link ? 'link' : 'copy',
        });
        if (options.json) return context.print(JSON.stringify(imported, null, 2));
        const { files, sizeBytes, verified, hidden, directory } = imported;
        context.print(
          fields([
            ['imported', `${files} files, ${inBytes(sizeBytes)}`],
            ['verified', `${verified} by the digest of the hub`],
            ['left out', hidden.length === 0 ? 'none' : clean(hidden.join(', '))],
            ['directory', directory],
          ]),
        );
      },
    );
}
