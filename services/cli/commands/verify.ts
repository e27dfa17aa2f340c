import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import { OUTCOME_SENTENCES } from '../../../protocols/record/index.ts';
import type { CommandContext } from '../cli.ts';
import { DEFAULT_VERIFICATION } from '../default-policy.ts';
import { EXIT } from '../exit-codes.ts';
import { checkDirectory, readFindingFolder } from '../finding-folder.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { clean, wrap } from '../terminal.ts';
import { claimSentence, countTables } from '../views/counts.ts';
import { reasonLine } from '../views/finding.ts';

interface VerifyOptions {
  readonly target?: string;
  readonly charter?: string;
  readonly threads: number;
  readonly json?: boolean;
}

const STATUS = { confirmed: EXIT.done, refuted: EXIT.refuted, inconclusive: EXIT.inconclusive } as const;

export function addVerify(program: Command, context: CommandContext): void {
  program
    .command('verify <folder>')
    .description('re-run a finding on this machine, as a verifier would, before publishing it')
    .option('--target <dir>', 'the target model (default: targetDirectory in finding.json)')
    .option('--charter <file>', "judge by this charter's policy instead of the usual one")
    .addOption(
      new Option('--threads <n>', 'threads of the engine')
        .argParser(wholeNumber(1, 1_024))
        .default(availableParallelism(), 'one a core'),
    )
    .option('--json', 'print outcome, reasons, counts and environment as JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 confirmed, 3 refuted, 4 inconclusive, 1 when it could not be run.',
    )
    .action(async (folder: string, options: VerifyOptions) => verify(folder, options, context));
}

async function verify(folder: string, options: VerifyOptions, context: CommandContext): Promise<void> {
  const finding = await readFindingFolder(folder);
  const target = options.target === undefined ? finding.target : await checkDirectory('.', options.target);
  if (target === null) {
    throw new OversightError('argument-invalid', 'give the target model with --target <dir>');
  }
  const policy = await policyOf(options.charter);
  const { rerunLocally } = await import('../../node/local-rerun.ts');
  const { intervention, suite, source, sources, claim } = finding;
  const folders = { target, intervention, suite, source, sources };
  const result = await rerunLocally(
    { folders, claim, policy, threads: options.threads },
    { signal: context.signal, onProgress: progressLine(context) },
  );
  context.exitWith(STATUS[result.decision.outcome]);
  if (options.json) return context.print(JSON.stringify(result, null, 2));
  const columns = [
    { name: 'claimed', counts: claim.counts, estimates: claim.estimates },
    { name: 'seen here', counts: result.counts, estimates: result.estimates },
  ];
  const { outcome, reasons } = result.decision;
  context.print(
    [
      wrap(clean(finding.title)),
      '',
      wrap(`Claim: ${clean(claimSentence(claim))}.`),
      '',
      countTables(claim, columns),
      '',
      wrap(`${outcome.toUpperCase()}: ${OUTCOME_SENTENCES[outcome]}`),
      ...reasons.map(({ code, detail }) => reasonLine(code, detail)),
    ].join('\n'),
  );
}

async function policyOf(charterFile: string | undefined) {
  if (charterFile === undefined) return DEFAULT_VERIFICATION;
  const { readCharterFile } = await import('../../node/home.ts');
  return (await readCharterFile(charterFile)).document.policy.verification;
}

/** On a terminal one line that is written over; elsewhere a line every tenth of the way. */
function progressLine({
  note,
  draw,
}: CommandContext): (progress: { readonly done: number; readonly total: number }) => void {
  let lastTenth = -1;
  return ({ done, total }) => {
    const tenth = total === 0 ? 10 : Math.floor((done / total) * 10);
    const text = `${done} of ${total} generations`;
    if (draw !== null) draw(text);
    else if (tenth > lastTenth) note(text);
    lastTenth = tenth;
  };
}
