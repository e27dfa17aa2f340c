import type { Command } from 'commander';
import type { CommandContext } from '../../cli.ts';
import { addCheck } from './check.ts';
import { addDescribe } from './describe.ts';
import { addImport } from './import-hf.ts';
import { addInspect } from './inspect.ts';
import { addPrepare } from './prepare.ts';
import { addPublishRelease } from './publish.ts';
import { addVerifyRelease } from './verify.ts';

/** `release`: what a release engineer does, from a directory to a published analog. */
export function addRelease(program: Command, context: CommandContext): void {
  const release = program.command('release').description('prepare, sign and publish a checkpoint');
  addPrepare(release, context);
  addCheck(release, context);
  addInspect(release, context);
  addPublishRelease(release, context);
  addImport(release, context);
  addVerifyRelease(release, context);
  addDescribe(release, context);
}
