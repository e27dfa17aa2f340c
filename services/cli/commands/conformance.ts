import { type Command, InvalidArgumentError, Option } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { CommandContext } from '../cli.ts';
import { type FileGrade, type Grade, grade } from '../conformance/grade.ts';
import { Program } from '../conformance/program.ts';
import { GRADED_FILES } from '../conformance/vector-cases.ts';
import { readVectorCases } from '../conformance/vector-files.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { clean, clip, columns } from '../terminal.ts';

interface ConformanceOptions {
  readonly only: readonly string[];
  readonly timeout: number;
  readonly self?: boolean;
  readonly respond?: boolean;
  readonly json?: boolean;
}

/** Wrong answers that are printed; --json has them all. */
const FAILURES_SHOWN = 20;

export function addConformance(program: Command, context: CommandContext): void {
  program
    .command('conformance')
    .argument('[command...]', 'the program under test and its arguments, after --')
    .description('grade another implementation by the test vectors')
    .addOption(
      new Option('--only <list>', 'only these vector files, such as codec.json,cid.json')
        .argParser(parseFiles)
        .default(GRADED_FILES, 'all'),
    )
    .addOption(
      new Option('--timeout <s>', 'seconds for one answer').argParser(wholeNumber(1, 3_600)).default(60),
    )
    .option('--self', 'grade this implementation')
    .option('--respond', 'be the program under test: this implementation')
    .option('--json', 'print every count and wrong answer as JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 conforms, 3 wrong answers, 4 none wrong but some unanswered, 1 when the program cannot be asked.',
    )
    .action(async (command: readonly string[], options: ConformanceOptions) =>
      options.respond ? respondHere() : gradeProgram(command, options, context),
    );
}

async function respondHere(): Promise<void> {
  // what nodes verify with
  const { nativeEd25519 } = await import('../../node/index.ts');
  const { referenceOperations } = await import('../conformance/reference.ts');
  const { respond } = await import('../conformance/respond.ts');
  await respond(referenceOperations(nativeEd25519()), process.stdin, process.stdout);
}

async function gradeProgram(
  command: readonly string[],
  options: ConformanceOptions,
  { signal, note, print, exitWith }: CommandContext,
): Promise<void> {
  const given = options.self
    ? [process.execPath, process.argv[1] ?? '', 'conformance', '--respond']
    : command;
  if (given.length === 0 || (options.self && command.length > 0))
    throw new OversightError('argument-invalid', 'give a program after --, or --self');
  const files = await readVectorCases(options.only);
  await using program = await Program.start(given, options.timeout * 1_000);
  const result = await grade(program, files, {
    signal,
    onFile: ({ file, cases }) => note(`${file}: ${cases} asked`),
  });
  exitWith(statusOf(result.files));
  print(options.json ? JSON.stringify(result, null, 2) : gradeView(result));
}

function statusOf(files: readonly FileGrade[]) {
  if (files.some(({ failed }) => failed > 0)) return EXIT.refuted;
  return files.some(({ unsupported }) => unsupported > 0) ? EXIT.inconclusive : EXIT.done;
}

function gradeView({ files, failures }: Grade): string {
  const total = (of: (file: FileGrade) => number) => files.reduce((sum, file) => sum + of(file), 0);
  const row = (name: string, each: Omit<FileGrade, 'file'>) =>
    [name, each.cases, each.passed, each.failed, each.unsupported].map(String);
  const lines = [
    columns([
      ['file', 'cases', 'passed', 'failed', 'unanswered'],
      ...files.map(({ file, ...each }) => row(file, each)),
      row('all', {
        cases: total(({ cases }) => cases),
        passed: total(({ passed }) => passed),
        failed: total(({ failed }) => failed),
        unsupported: total(({ unsupported }) => unsupported),
      }),
    ]),
  ];
  for (const each of failures.slice(0, FAILURES_SHOWN)) {
    const wanted = each.allowed.map((output) => JSON.stringify(output)).join(' or ');
    lines.push(
      '',
      `${each.file} ${each.case}: ${each.operation}`,
      clip(`  should be ${clean(wanted)}`, 200),
      clip(`  is        ${clean(JSON.stringify(each.got))}`, 200),
    );
  }
  const hidden = failures.length - FAILURES_SHOWN;
  if (hidden > 0) lines.push('', `and ${hidden} more; --json has them all`);
  return lines.join('\n');
}

function parseFiles(list: string): string[] {
  return list.split(',').map((text) => {
    const file = GRADED_FILES.find((each) => each === text.trim());
    if (file === undefined) throw new InvalidArgumentError(`The files are ${GRADED_FILES.join(', ')}.`);
    return file;
  });
}
