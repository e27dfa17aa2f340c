import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { OversightError } from '../../../../protocols/base/errors.ts';
import { SIGNATURE_FILE } from '../../../../protocols/provenance/index.ts';
import type { CommandContext } from '../../cli.ts';
import { inBytes, progressBar } from '../../progress-bar.ts';
import { clean, fields } from '../../terminal.ts';
import { readKey } from './read-key.ts';

interface ImportOptions {
  readonly link?: boolean;
  readonly key?: string;
  readonly signature?: string;
  readonly unsigned?: readonly string[];
  readonly json?: boolean;
}

export function addImport(release: Command, context: CommandContext): void {
  release
    .command('import-hf <snapshot> <dir>')
    .description('make a directory of real files from a snapshot of the Hugging Face cache, checking each')
    .option('--link', 'hard links into the cache instead of copies')
    .option('--key <key>', 'take it only as the holder of this key signed it: a PEM file, or a did:key')
    .option('--signature <file>', `the signature (default: ${SIGNATURE_FILE} in the snapshot)`)
    .option('--unsigned <path...>', 'files that may be there though nobody signed them')
    .option('--json', 'print JSON')
    .action(async (snapshot: string, dir: string, options: ImportOptions) => {
      const { importSnapshot } = await import('../../../node/index.ts');
      const imported = await importSnapshot(snapshot, resolve(dir), {
        signal: context.signal,
        onProgress: progressBar('imported', context),
        files: options.link ? 'link' : 'copy',
        ...(options.key === undefined ? {} : { check: await signatureCheck(options.key, options, context) }),
      });
      if (options.json) return context.print(JSON.stringify(imported, null, 2));
      const { files, sizeBytes, verified, hidden, directory } = imported;
      context.print(
        fields([
          ['imported', `${files} files, ${inBytes(sizeBytes)}`],
          ['verified', `${verified} by the digest of the hub`],
          ['signed', options.key === undefined ? 'not asked' : 'every file, by the key given'],
          ['left out', hidden.length === 0 ? 'none' : clean(hidden.join(', '))],
          ['directory', directory],
        ]),
      );
    });
}

async function signatureCheck(
  keyText: string,
  { signature, unsigned = [] }: ImportOptions,
  { signal }: CommandContext,
): Promise<(directory: string) => Promise<void>> {
  const { verifyRelease } = await import('../../../node/index.ts');
  const key = await readKey(keyText);
  return async (directory) => {
    const question = { key, unsigned, signature: signature ?? join(directory, SIGNATURE_FILE) };
    const verified = await verifyRelease(directory, question, { signal });
    if (verified.ok) return;
    const { reason, detail } = verified;
    throw new OversightError('checkpoint-invalid', detail, { details: { reason } });
  };
}
