import {
  type ClauseRow,
  costRows,
  evidenceText,
  fieldsOf,
  type ModelReport,
  stateText,
  timelineText,
  timeText,
  titleOf,
  withheldTexts,
} from '../../../protocols/oversight/index.ts';
import { type Cell, LINE_WIDTH, PAGE_OPTIONS, Sheet } from './sheet.ts';

const NAME_WIDTH = 95;
const CLAUSE_WIDTHS = [42, 130, 88, LINE_WIDTH - 260] as const;
const COST_WIDTHS = [LINE_WIDTH - 160, 80, 80] as const;

/** The report as a PDF of A4 pages with the standard fonts. The same report gives the same bytes. */
export async function reportPdf(report: ModelReport): Promise<Uint8Array> {
  // loaded when first asked for: it takes 0.2 s and some 30 MB, which most nodes never need
  const { default: PDFDocument } = await import('pdfkit');
  const title = titleOf(report);
  const doc = new PDFDocument({
    ...PAGE_OPTIONS,
    lang: 'en',
    displayTitle: true,
    info: { Title: title, CreationDate: new Date(report.at) },
  });
  const bytes = collect(doc);
  write(new Sheet(doc), report, title);
  doc.end();
  return bytes;
}

function write(sheet: Sheet, report: ModelReport, title: string): void {
  sheet.heading(title, 18);
  for (const field of fieldsOf(report)) sheet.row(namedRow(field));
  sheet.heading('Withheld', 13);
  const withheld = withheldTexts(report);
  for (const line of withheld.length === 0 ? ['nothing'] : withheld) sheet.row([cell(line, LINE_WIDTH)]);
  sheet.heading('Clauses', 13);
  sheet.table(
    columns(['Clause', 'Asks', 'State', 'Because'], CLAUSE_WIDTHS, true),
    report.clauses.map(clauseRow),
  );
  sheet.heading('Timeline', 13);
  for (const entry of report.timeline) sheet.row([cell(timelineText(entry), LINE_WIDTH)]);
  const costs = costRows(report);
  if (costs.length > 0) {
    sheet.heading('Costs', 13);
    sheet.table(
      columns(['Item', 'GPU-hours', 'USD'], COST_WIDTHS, true),
      costs.map((row) => columns(row, COST_WIDTHS)),
    );
  }
  sheet.number(`${title}, as of ${timeText(report.at)}`);
}

function namedRow([name, value]: readonly [string, string]): Cell[] {
  return [{ ...cell(name, NAME_WIDTH), bold: true }, cell(value, LINE_WIDTH - NAME_WIDTH)];
}

function clauseRow(row: ClauseRow): Cell[] {
  const [clause, asks, state, because] = CLAUSE_WIDTHS;
  const says = row.cure === null ? row.says : `${row.says} ${row.cure}`;
  return [
    { ...cell(row.clause, clause), bold: true },
    cell(row.asks, asks),
    { ...cell(stateText(row), state), bold: row.state === 'not-met' },
    { paragraphs: [says, ...row.evidence.map((each) => `• ${evidenceText(each)}`)], width: because },
  ];
}

function columns(texts: readonly string[], widths: readonly number[], bold = false): Cell[] {
  return texts.map((text, i) => ({ ...cell(text, widths[i] ?? 0), bold }));
}

function cell(text: string, width: number): Cell {
  return { paragraphs: [text], width };
}

async function collect(doc: AsyncIterable<string | Buffer>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of doc) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
