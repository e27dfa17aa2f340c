import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CLAUSES } from '../../../protocols/kinds/index.ts';
import { Dossiers, type ModelReport, reportOn, timeText } from '../../../protocols/oversight/index.ts';
import { reportPdf } from '../../../services/gateway/report-pdf/report-pdf.ts';
import { toWinAnsi } from '../../../services/gateway/report-pdf/win-ansi.ts';
import { ModelCase, time } from '../../support/oversight/model-case.ts';

const AT = time('2026-06-01');
const model = new ModelCase().complete();
const report = reportOn(new Dossiers(model.world.fold.record()), model.frontier, model.world.policyOf, AT);
if (report === null) throw new Error('the model of this test has no report');

describe('the report as a PDF', () => {
  test('says what the report says, on A4', async () => {
    const { source, pages } = await read(report);
    expect(source).toMatch(/^%PDF-1\.\d\n/);
    expect(source).toContain('/MediaBox [0 0 595.28 841.89]');
    const words = pages.join(' ');
    for (const clause of CLAUSES) expect(words).toContain(clause);
    for (const heading of ['frontier 1', 'Withheld', 'Clauses', 'Timeline', 'Costs', 'Sum'])
      expect(words).toContain(heading);
    for (const id of [model.frontier, model.analog]) expect(squeezed(words)).toContain(id);
    for (const { says } of report.clauses) expect(squeezed(words)).toContain(squeezed(says.slice(0, 20)));
    expect(words).toContain(`as of ${timeText(AT)}`);
  });

  test('the same report gives the same bytes', async () => {
    expect(await reportPdf(report)).toEqual(await reportPdf(report));
    const { source } = await read(report);
    expect(source).toMatch(/^\(D:20260601\d{6}Z\)$/m);
    expect(source).not.toContain('/ModDate');
  });

  test('a table breaks over pages, each with its header, and nothing is lost', async () => {
    const [first] = report.clauses;
    if (first === undefined) throw new Error('a report without clauses');
    const facts = Array.from({ length: 200 }, (_, i) => `fact-${i}-${'x'.repeat(150)}`);
    const evidence = facts.map((what) => ({ what, value: null, message: null }));
    const { pages } = await read({ ...report, clauses: [{ ...first, evidence }, ...report.clauses] });
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.filter((page) => page.includes('Because')).length).toBeGreaterThan(4);
    pages.forEach((page, i) => {
      expect(page).toContain(`${i + 1} of ${pages.length}`);
    });
    const words = squeezed(pages.join(''));
    for (const [i] of facts.entries()) expect(words).toContain(`fact-${i}-x`);
    expect([...words].filter((char) => char === 'x').length).toBeGreaterThan(200 * 150);
  });

  test('text that the fonts lack is shown by its code points', async () => {
    const { pages } = await read({ ...report, lab: { name: '実験室 Łódź', organisation: 'é€\u202e😀' } });
    const words = squeezed(pages.join(''));
    expect(words).toContain('\\u{5b9f}\\u{9a13}\\u{5ba4}\\u{141}ód\\u{17a}');
    expect(words).toContain('é\u0080\\u{202e}\\u{1f600}');
  });

  test('without an analog, a window, entries or costs', async () => {
    const bare = { ...report, analog: null, clock: null, timeline: [], withheld: [], costs: null };
    const { pages } = await read(bare);
    expect(pages.join(' ')).toContain('none');
    expect(pages.join(' ')).not.toContain('GPU-hours');
  });
});

test.each([
  ['a\tb\r\nc', 'a b c'],
  ['\\u{41}', '\\u{5c}u{41}'],
  ['C:\\users', 'C:\\users'],
  ['\u00ad\u0000\u007f\u0085', '\\u{ad}\\u{0}\\u{7f}\\u{85}'],
  ['\ud800', '\\u{d800}'],
  ['“ž”', '“ž”'],
])('%j becomes %j', (text, shown) => {
  expect(toWinAnsi(text)).toBe(shown);
});

/** The file, and the text of each page in the order written, in the bytes of WinAnsiEncoding. */
async function read(given: ModelReport): Promise<{ source: string; pages: string[] }> {
  const source = Buffer.from(await reportPdf(given)).toString('latin1');
  const streams = [...source.matchAll(/stream\n(.*?)\nendstream/gs)].map(([, bytes = '']) =>
    inflateSync(Buffer.from(bytes, 'latin1')).toString('latin1'),
  );
  const pages = streams.filter((stream) => stream.includes('TJ')).map((stream) => textOf(stream));
  return { source, pages };
}

function textOf(stream: string): string {
  return [...stream.matchAll(/\[(.*?)\] TJ/g)]
    .map(([, line = '']) => [...line.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = '']) => hex).join(''))
    .map((hex) => Buffer.from(hex, 'hex').toString('latin1'))
    .join('\n');
}

function squeezed(text: string): string {
  return text.replaceAll(/\s/g, '');
}
