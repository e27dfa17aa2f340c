import type { Command } from 'commander';
import type { CommandContext } from '../../cli.ts';
import { addOpen } from './open.ts';
import { addReveal } from './reveal.ts';

export function addDisclosure(program: Command, context: CommandContext): void {
  const disclosure = program.command('disclosure').description('what stands behind fields that are withheld');
  addOpen(disclosure, context);
  addReveal(disclosure, context);
}
