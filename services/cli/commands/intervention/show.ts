import { join } from 'node:path';
import type { Command } from 'commander';
import { INTERVENTION_FILE, parseIntervention } from '../../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { CommandContext } from '../../cli.ts';
import { readJsonFile } from '../../read-json.ts';
import { interventionView } from '../../views/intervention.ts';

export function addShowIntervention(intervention: Command, context: CommandContext): void {
  intervention
    .command('show <dir>')
    .description('what an intervention does, where, and where it is from')
    .option('--json', 'print the manifest, in its newest version')
    .action(async (dir: string, { json }: { readonly json?: boolean }) => {
      const manifest = parseIntervention(await readJsonFile(join(dir, INTERVENTION_FILE)));
      if (!manifest.ok)
        throw new OversightError('intervention-invalid', manifest.detail, {
          details: { reason: manifest.reason },
        });
      context.print(json ? JSON.stringify(manifest.value, null, 2) : interventionView(manifest.value));
    });
}
