import { Command, CommanderError } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBundle } from './commands/bundle.ts';
import { addCharter } from './commands/charter.ts';
import { addConformance } from './commands/conformance.ts';
import { addDemo } from './commands/demo.ts';
import { addDisclosure } from './commands/disclosure/index.ts';
import { addGc } from './commands/gc.ts';
import { addInit } from './commands/init.ts';
import { addIntervention } from './commands/intervention/index.ts';
import { addJoin } from './commands/join.ts';
import { addKeys } from './commands/keys.ts';
import { addOversight } from './commands/oversight.ts';
import { addPin } from './commands/pin.ts';
import { addProof } from './commands/proof.ts';
import { addPublish } from './commands/publish.ts';
import { addRelease } from './commands/release/index.ts';
import { addShow } from './commands/show.ts';
import { addSubscription } from './commands/subscription.ts';
import { addUp } from './commands/up.ts';
import { addVerify } from './commands/verify.ts';
import { addWatch } from './commands/watch.ts';
import { addWithhold } from './commands/withhold.ts';
import { EXIT } from './exit-codes.ts';
import { failureText } from './failure.ts';
import { Lines } from './terminal.ts';
import { packageVersion } from './version.ts';

/** Runs one command line and returns its exit status. Every failure becomes text here, never a stack trace. */
export async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  let interrupted = false;
  const onSignal = () => {
    interrupted = true;
    stop.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  // a reader that has seen enough (`| head`) closes the pipe: nothing more to do, and no failure
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop.abort();
  });
  let status: number = EXIT.done;
  const lines = new Lines(process.stdout, process.stderr);
  const context: CommandContext = {
    signal: stop.signal,
    print: (text) => lines.print(text),
    note: (text) => lines.note(text),
    draw: process.stderr.isTTY ? (text) => lines.draw(text) : null,
    exitWith: (code) => {
      status = code;
    },
  };
  try {
    await buildProgram(context).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    // an interrupted command has not done what it was asked: `verify` has confirmed nothing
    if (stop.signal.aborted && isAbort(error)) {
      if (!interrupted) return status;
      lines.note('error cancelled: interrupted');
      return EXIT.failed;
    }
    lines.note(failureText(error, process.env['OVERSIGHT_DEBUG'] === '1'));
    return EXIT.failed;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** What every command is given. */
export interface CommandContext {
  /** Aborts when the user or the system asks the command to end. */
  readonly signal: AbortSignal;
  /** A line of the result, to standard output. */
  readonly print: (text: string) => void;
  /** A line about the work, to standard error. */
  readonly note: (text: string) => void;
  /** The line of work under way, drawn over the last one until something else is written; null without a terminal. */
  readonly draw: ((text: string) => void) | null;
  readonly exitWith: (code: (typeof EXIT)[keyof typeof EXIT]) => void;
}

/** The command line: every command and option, and what each does. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('oversight')
    .description('Run a node of the oversight network, publish to it, and read what it knows.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print help')
    .helpCommand(false)
    .configureHelp({ helpWidth: 80 })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'error argument-invalid: ')),
    })
    .exitOverride();
  for (const add of [
    addInit,
    addCharter,
    addJoin,
    addKeys,
    addUp,
    addPublish,
    addRelease,
    addOversight,
    addWithhold,
    addDisclosure,
    addPin,
    addGc,
    addProof,
    addBundle,
    addAudit,
    addIntervention,
    addVerify,
    addShow,
    addWatch,
    addSubscription,
    addDemo,
    addConformance,
  ]) {
    add(program, context);
  }
  return program;
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'cancelled'))
  );
}
