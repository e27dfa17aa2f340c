import type { Command } from 'commander';
import type { CommandContext } from '../../cli.ts';
import { EXIT } from '../../exit-codes.ts';
import { progressBar } from '../../progress-bar.ts';
import { clean } from '../../terminal.ts';
import { readKey } from './read-key.ts';

interface VerifyOptions {
  readonly key: string;
  readonly signature?: string;
  readonly unsigned?: readonly string[];
  readonly json?: boolean;
}

export function addVerifyRelease(release: Command, context: CommandContext): void {
  release
    .command('verify <dir>')
    .description('check that a directory is what the holder of a key signed (OpenSSF Model Signing)')
    .requiredOption('--key <key>', "public key: a PEM file, or a member's publication key (did:key)")
    .option('--signature <file>', 'the signature (default: model.sig in the directory)')
    .option('--unsigned <path...>', 'files that may be there though nobody signed them')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 it holds, 3 it does not.')
    .action(async (dir: string, options: VerifyOptions) => {
      const { verifyRelease } = await import('../../../node/index.ts');
      const { signature, unsigned = [] } = options;
      const key = await readKey(options.key);
      const verified = await verifyRelease(
        dir,
        { key, unsigned, ...(signature === undefined ? {} : { signature }) },
        { signal: context.signal, onProgress: progressBar('read', context) },
      );
      context.exitWith(verified.ok ? EXIT.done : EXIT.refuted);
      if (options.json) return context.print(JSON.stringify(verified, null, 2));
      context.print(
        verified.ok
          ? `signed: “${clean(verified.value.name)}”, ${verified.value.files.length} files, each as it was signed`
          : `NOT SIGNED LIKE THIS (${verified.reason}): ${clean(verified.detail)}`,
      );
    });
}
