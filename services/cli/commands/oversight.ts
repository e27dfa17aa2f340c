import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import type { ClauseState } from '../../../protocols/kinds/index.ts';
import { complianceReportBody } from '../../../protocols/kinds/index.ts';
import { holdersUntilLikelyLeak } from '../../../protocols/oversight/index.ts';
import { charterHistoryAnswer, recordAnswer } from '../answers.ts';
import type { CommandContext } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { addNodeOptions, gatewayUrl, type NodeOptions, ownerToken } from '../location.ts';
import { NodeClient } from '../node-client.ts';
import { assessmentsAnswer, reportAnswer, timelineAnswer } from '../oversight-answers.ts';
import { parseMoment } from '../parse-moment.ts';
import { readChecked } from '../read-json.ts';
import { fields } from '../terminal.ts';
import { assessmentsView, reportView, timelineView } from '../views/oversight.ts';
import { releaseEnding } from './release/find-release.ts';

interface AskOptions extends NodeOptions {
  readonly at?: number;
  readonly json?: boolean;
}

/** `assess`, `timeline`, `report`, `holders`: how models stand, for whoever asks a node. */
export function addOversight(program: Command, context: CommandContext): void {
  addAssess(program, context);
  addTimeline(program, context);
  addReport(program, context);
  addHolders(program, context);
}

function askOptions(command: Command): Command {
  return addNodeOptions(command).option(
    '--at <time>',
    'as of this time, such as 2026-12-24 or 2026-12-24T12:00:00Z (default: now)',
    parseMoment,
  );
}

function addAssess(program: Command, context: CommandContext): void {
  askOptions(program.command('assess [model]'))
    .description('how every frontier model stands, or one of them clause by clause')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status: 0 met, 3 a clause is not met, 4 some are open.')
    .action(async (model: string | undefined, options: AskOptions) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const query = queryOf(options);
      if (model === undefined) {
        const answer = await allAssessments(client, options);
        if (options.json) return context.print(JSON.stringify(answer, null, 2));
        return context.print(assessmentsView(answer.models, await client.get('/record', recordAnswer)));
      }
      const report = await client.get(`/oversight/${await idOf(client, model)}${query}`, reportAnswer);
      context.exitWith(statusOf(report.overall));
      context.print(options.json ? JSON.stringify(report, null, 2) : reportView(report));
    });
}

function addTimeline(program: Command, context: CommandContext): void {
  askOptions(program.command('timeline <model>'))
    .description('everything about one frontier model by established time, and what is due')
    .option('--json', 'print JSON')
    .action(async (model: string, options: AskOptions) => {
      const client = new NodeClient(await gatewayUrl(options), context);
      const path = `/oversight/${await idOf(client, model)}/timeline${queryOf(options)}`;
      const answer = await client.get(path, timelineAnswer);
      context.print(options.json ? JSON.stringify(answer, null, 2) : timelineView(answer.timeline));
    });
}

interface ReportOptions extends AskOptions {
  readonly format: 'json' | 'html' | 'pdf';
  readonly out?: string;
  readonly publish?: boolean;
  readonly costs?: string;
}

/** What only the lab knows of its report. */
const ownPart = complianceReportBody.pick({ creation: true, costs: true }).partial();

function addReport(program: Command, context: CommandContext): void {
  askOptions(program.command('report <model>'))
    .description('the report on one frontier model, to keep or, as its lab, to file')
    .addOption(
      new Option('--format <format>', 'of the report').choices(['json', 'html', 'pdf']).default('json'),
    )
    .option('--out <file>', 'write to a file instead of standard output; a PDF needs one')
    .option('--publish', 'sign and publish it as the compliance report of the lab')
    .option('--costs <file>', 'JSON with `costs` and `creation` for the report that is published')
    .action(async (model: string, options: ReportOptions) => {
      if (options.format === 'pdf' && options.out === undefined && !options.publish)
        throw new OversightError('argument-invalid', 'a PDF is written to a file: --out <file>');
      const client = new NodeClient(await gatewayUrl(options), context);
      const id = await idOf(client, model);
      if (options.publish) return publishReport(client, id, options, context);
      const query = queryOf(options);
      const report =
        options.format === 'json'
          ? JSON.stringify(await client.get(`/oversight/${id}${query}`, reportAnswer), null, 2)
          : await client.getBytes(`/oversight/${id}/report.${options.format}${query}`);
      if (options.out === undefined)
        return context.print(typeof report === 'string' ? report : Buffer.from(report).toString());
      await writeFile(options.out, report);
      context.print(`wrote ${options.out}`);
    });
}

async function publishReport(
  client: NodeClient,
  id: string,
  options: ReportOptions,
  context: CommandContext,
): Promise<void> {
  if (options.at !== undefined) throw new OversightError('argument-invalid', 'a report is filed as of now');
  const report = await client.get(`/oversight/${id}`, reportAnswer);
  if (report.analog === null)
    throw new OversightError('not-found', 'the model has no established analog to report on');
  const { charters } = await client.get('/charter/history', charterHistoryAnswer);
  const own = options.costs === undefined ? {} : await readChecked(options.costs, ownPart);
  const body = complianceReportBody.parse({
    frontier: id,
    analog: report.analog.id,
    asOf: report.at,
    charter: charters[report.charter]?.id,
    clauses: report.clauses.map(({ clause, state, until }) => ({ clause, state, until: until ?? null })),
    creation: own.creation ?? [],
    costs: own.costs ?? [],
  });
  const message = await client.publish(
    'compliance-report/1',
    body as unknown as PlainObject,
    await ownerToken(options),
  );
  context.print(fields([['published', message.id]]));
}

function addHolders(program: Command, context: CommandContext): void {
  program
    .command('holders <chance>')
    .description('how many may hold weights until a leak is likely, where each leaks with this chance')
    .option('--json', 'print JSON')
    .action((chance: string, options: { readonly json?: boolean }) => {
      const holders = holdersUntilLikelyLeak(parseChance(chance));
      context.print(
        options.json
          ? JSON.stringify({ chance: Number(chance), holders })
          : `with ${holders} holders the weights are out in half of all worlds`,
      );
    });
}

/** @returns parts per million */
function parseChance(text: string): number {
  const chance = /^(?:0|1)?(?:\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * 1_000_000) : 0;
  if (chance >= 1 && chance <= 1_000_000) return chance;
  throw new OversightError('argument-invalid', `${text} is no chance from 0.000001 to 1`);
}

/** Every model, page by page, of one moment. */
async function allAssessments(client: NodeClient, options: AskOptions) {
  const { next: first, ...answer } = await client.get(`/oversight${queryOf(options)}`, assessmentsAnswer);
  const models = [...answer.models];
  for (let next = first; next !== null; ) {
    const page = await client.get(`/oversight?at=${answer.at}&after=${next}`, assessmentsAnswer);
    models.push(...page.models);
    next = page.next;
  }
  return { ...answer, models };
}

function queryOf({ at }: AskOptions): string {
  return at === undefined ? '' : `?at=${at}`;
}

async function idOf(client: NodeClient, end: string): Promise<string> {
  const { frontierReleases } = await client.get('/record', recordAnswer);
  return releaseEnding(frontierReleases, end.replace(/^…/, ''), 'frontier release').id;
}

/** What the outcome tells a script. */
function statusOf(overall: ClauseState) {
  if (overall === 'met') return EXIT.done;
  return overall === 'not-met' ? EXIT.refuted : EXIT.inconclusive;
}
