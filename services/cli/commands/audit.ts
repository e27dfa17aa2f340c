import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  type AuditReport,
  auditFederation,
  formatHeads,
  judgeAgainst,
  parseHeadsUnverified,
  type Remembered,
} from '../../../protocols/audit/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { isDocumentCidText } from '../../../protocols/codec/cid.ts';
import { isUrl, openNode, openSource } from '../audit/open-source.ts';
import type { CommandContext } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeNumber } from '../parse-numbers.ts';
import { readJsonFile } from '../read-json.ts';
import { auditJson, auditView } from '../views/audit.ts';

interface AuditCommandOptions {
  readonly federation?: string;
  readonly charter?: string;
  readonly since?: string;
  readonly remember?: string;
  readonly blobs?: number | true;
  readonly limit: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const MIB = 1_048_576;
const parseMib = wholeNumber(1, 1_048_576);
const parseSeconds = wholeNumber(1, 604_800);
/** The shortest messages have about 256 bytes. */
const MESSAGES_A_MIB = 4_096;
const BLOBS_MIB = 1_024;
/** The largest answer, a bundle of 16 MB, at half a megabyte a second. */
const ANSWER_MS = 30_000;

export function addAudit(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('check everything that a node claims, from its messages, proofs and content')
    .argument(
      '<source...>',
      "a node's URL, its home, a folder of downloaded tiles, or a bundle; several are compared",
    )
    .option('--federation <id>', 'the federation you mean (default: what the source says)')
    .option('--charter <file>', 'its first charter, for a ledger without one')
    .option('--since <file>', 'heads that an earlier audit has remembered')
    .option('--remember <file>', 'write the heads that hold, for --since')
    .option('--blobs [MiB]', `read models and evidence too, up to so much in all (${BLOBS_MIB})`, parseMib)
    .option('--limit <MiB>', 'bytes of messages that are taken in', parseMib, 256)
    .option('--timeout <s>', 'for the answers of one node', parseSeconds, 1_800)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 when everything holds, 3 when something does not, 4 when something\ncould not be checked.',
    )
    .action(async (sources: string[], options: AuditCommandOptions) => audit(sources, options, context));
}

async function audit(
  places: readonly string[],
  options: AuditCommandOptions,
  context: CommandContext,
): Promise<void> {
  const anchor = anchorOf(options.federation);
  const earlier = options.since === undefined ? [] : [await readHeads(options.since)];
  const reports: { readonly place: string; readonly report: AuditReport; readonly elapsedMs: number }[] = [];
  for (const place of places) {
    const started = performance.now();
    const elsewhere = reports.flatMap(({ report }): Remembered[] =>
      report.federation === null
        ? []
        : [{ federation: report.federation, heads: report.heads, from: 'elsewhere' }],
    );
    const known = [...earlier, ...elsewhere];
    // the first source settles which federation the others are compared in
    const federation = anchor ?? reports[0]?.report.federation ?? null;
    const others = places.filter((other) => other !== place);
    let report = await auditOne({ place, others, federation, remembered: known }, options, context);
    for (const other of reports) report = judgeAgainst(report, other.report);
    reports.push({
      place,
      report: { ...report, isAnchored: anchor !== null },
      elapsedMs: performance.now() - started,
    });
  }
  if (options.json) {
    const written = reports.map(({ place, report }) => auditJson(place, report));
    context.print(JSON.stringify(written.length === 1 ? written[0] : written, null, 2));
  } else {
    context.print(reports.map((each) => auditView(each.place, each.report, each.elapsedMs)).join('\n\n'));
  }
  if (options.remember !== undefined)
    await remember(
      options.remember,
      reports.map(({ report }) => report),
      context,
    );
  const outcomes = reports.map(({ report }) => report.outcome);
  if (outcomes.includes('broken')) context.exitWith(EXIT.refuted);
  else if (outcomes.includes('unchecked')) context.exitWith(EXIT.inconclusive);
}

interface OneAudit {
  readonly place: string;
  /** Where content may be that this one does not have. */
  readonly others: readonly string[];
  readonly federation: FederationId | null;
  readonly remembered: readonly Remembered[];
}

async function auditOne(
  { place, others, federation, remembered }: OneAudit,
  { charter, blobs, limit, timeout }: AuditCommandOptions,
  { signal, note }: CommandContext,
): Promise<AuditReport> {
  const { bulkEd25519, nativeSha256 } = await import('../../node/index.ts');
  using stack = new DisposableStack();
  const bounds = { messages: limit * MESSAGES_A_MIB, bytes: limit * MIB };
  const times = { answerMs: ANSWER_MS, allMs: timeout * 1_000 };
  const opening = { charter, limitBytes: bounds.bytes, times, signal };
  const source = await openSource(place, opening, stack);
  let told = 0;
  const report = await auditFederation(source, {
    federation,
    ed25519: bulkEd25519(),
    sha256: nativeSha256,
    bounds,
    remembered,
    content:
      blobs === undefined
        ? null
        : {
            limitBytes: (blobs === true ? BLOBS_MIB : blobs) * MIB,
            elsewhere: others.filter(isUrl).map((other) => openNode(other, opening)),
          },
    onProgress: (messages) => {
      // local files are read without a pause in which an interrupt could be heard of
      if (signal.aborted) throw new OversightError('cancelled', 'interrupted');
      if (messages - told < 10_000) return;
      told = messages;
      note(`${messages.toLocaleString('en')} messages read`);
    },
  });
  const [first] = report.findings;
  if (first?.check === 'federation' && first.code === 'unreachable')
    throw new OversightError('node-unreachable', `no node answers at ${place}`);
  return report;
}

function anchorOf(text: string | undefined): FederationId | null {
  if (text === undefined) return null;
  if (!isDocumentCidText(text))
    throw new OversightError('argument-invalid', `${text} is not the id of a federation`);
  return text as FederationId;
}

async function readHeads(path: string): Promise<Remembered> {
  const heads = parseHeadsUnverified(await readJsonFile(path));
  if (!heads.ok) throw new OversightError('argument-invalid', `${path}: ${heads.detail}`);
  return { ...heads.value, from: 'earlier' };
}

/** Heads of a source that was found false are not kept: they would vouch for it later. */
async function remember(
  path: string,
  reports: readonly AuditReport[],
  { note }: CommandContext,
): Promise<void> {
  const [report] = reports;
  if (report === undefined || report.federation === null || report.outcome === 'broken') {
    note(`${path} is left as it was: not everything holds`);
    return;
  }
  await writeFile(path, formatHeads({ federation: report.federation, heads: report.heads }));
  note(`wrote ${path}`);
}
