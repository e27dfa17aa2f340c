import type { ClauseRow, ModelReport } from './report.ts';
import type { Evidence } from './result.ts';
import type { TimelineEntry } from './timeline.ts';
import { DUE_SENTENCES } from './words.ts';

/** The report as one file that opens anywhere: no script, no address to fetch from. */
export function reportHtml(report: ModelReport): string {
  const { model, lab, analog, federation } = report;
  const title = `${model.name} ${model.version}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}: oversight</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
<dl>
${field('Lab', `${lab.name} (${lab.organisation})`)}
${field('Federation', `${federation.name}, ${federation.id}`)}
${field('As of', timeOf(report.at))}
${field('Frontier release', `${model.id}, ${established(model.established)}`)}
${field('Analog', analog === null ? 'none' : `${analog.name} ${analog.version}, ${analog.id}, ${established(analog.established)}`)}
${field('Obligation', `${report.obligation}, by version ${report.charter} of the charter`)}
${field('Overall', report.overall)}
${report.clock === null ? '' : field('Window', `${timeOf(report.clock.opens)} to ${timeOf(report.clock.ends)}`)}
${field('Withheld', withheldText(report))}
</dl>
<h2>Clauses</h2>
<table>
<thead><tr><th scope="col">Clause</th><th scope="col">Asks</th><th scope="col">State</th><th scope="col">Because</th></tr></thead>
<tbody>
${report.clauses.map(clauseRow).join('\n')}
</tbody>
</table>
<h2>Timeline</h2>
<ol>
${report.timeline.map(timelineItem).join('\n')}
</ol>
${costsTable(report)}
</main>
</body>
</html>
`;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:64rem;margin:auto;padding:1rem}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem;border-bottom:1px solid #888}' +
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0;overflow-wrap:anywhere}' +
  'ul{margin:.2rem 0;padding-left:1.2rem}td,li{overflow-wrap:anywhere}@media print{main{max-width:none}}';

const STATES = {
  met: 'met',
  'not-met': 'NOT MET',
  pending: 'pending',
  'cannot-be-known': 'cannot be known',
} as const;

function clauseRow(row: ClauseRow): string {
  const state = row.state === 'pending' ? `pending until ${timeOf(row.until)}` : STATES[row.state];
  const cure = row.cure === null ? '' : ` ${text(row.cure)}`;
  const facts = row.evidence.map((each) => `<li>${text(evidenceText(each))}</li>`).join('');
  const list = facts === '' ? '' : `<ul>${facts}</ul>`;
  return `<tr id="${row.clause}"><th scope="row">${row.clause}</th><td>${text(row.asks)}</td><td>${text(state)}</td><td>${text(row.says)}${cure}${list}</td></tr>`;
}

function evidenceText({ what, value, message }: Evidence): string {
  const says = value === null ? what : `${what}: ${value}`;
  return message === null ? says : `${says} (${message})`;
}

function timelineItem(entry: TimelineEntry): string {
  const when = entry.at === null ? 'not established' : timeOf(entry.at);
  if (entry.type === 'due') {
    const done = entry.doneBy === null ? '' : `, done by ${entry.doneBy}`;
    return `<li>${text(`${when}: ${DUE_SENTENCES[entry.what]}${done}`)}</li>`;
  }
  const gone = entry.isWithdrawn ? ' (taken back)' : '';
  return `<li>${text(`${when}: ${entry.by} ${entry.says}${gone}, ${entry.id}`)}</li>`;
}

function costsTable({ costs }: ModelReport): string {
  if (costs === null || costs.length === 0) return '';
  const rows = costs.map(
    ({ item, gpuHours, usd }) =>
      `<tr><th scope="row">${text(item)}</th><td>${gpuHours ?? ''}</td><td>${usd ?? ''}</td></tr>`,
  );
  const sum = (of: 'gpuHours' | 'usd') => costs.reduce((total, each) => total + (each[of] ?? 0), 0);
  rows.push(`<tr><th scope="row">Sum</th><td>${sum('gpuHours')}</td><td>${sum('usd')}</td></tr>`);
  return `<h2>Costs</h2>
<table>
<thead><tr><th scope="col">Item</th><th scope="col">GPU-hours</th><th scope="col">USD</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function withheldText({ withheld }: ModelReport): string {
  if (withheld.length === 0) return 'nothing';
  const fields = withheld.map(({ kind, field: path, reason, retainedUntil, sealedTo, openedBy }) => {
    const why = reason === null ? 'no reason given' : `${reason}, retained until ${retainedUntil}`;
    const readers = sealedTo.length === 0 ? '' : `, sealed to ${sealedTo.length}`;
    return `${path} of ${kind}: ${why}${readers}${openedBy === null ? '' : `, opened by ${openedBy}`}`;
  });
  return `${withheld.length}: ${fields.join('; ')}`;
}

function established(at: number | null): string {
  return at === null ? 'not established' : `established ${timeOf(at)}`;
}

function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function field(name: string, value: string): string {
  return `<dt>${text(name)}</dt><dd>${text(value)}</dd>`;
}

/** Whatever was in a message, as text and nothing else. */
function text(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
