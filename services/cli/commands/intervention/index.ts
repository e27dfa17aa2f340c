import type { Command } from 'commander';
import type { CommandContext } from '../../cli.ts';
import { addImportIntervention } from './import.ts';
import { addShowIntervention } from './show.ts';

/** `intervention`: from what a researcher has to what a finding publishes. */
export function addIntervention(program: Command, context: CommandContext): void {
  const intervention = program
    .command('intervention')
    .description('make an intervention of what other tools saved, and read one');
  addImportIntervention(intervention, context);
  addShowIntervention(intervention, context);
}
