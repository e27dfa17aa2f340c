import type { ClauseRow, ModelReport } from './report.ts';
import {
  costRows,
  evidenceText,
  fieldsOf,
  stateText,
  timelineText,
  titleOf,
  withheldTexts,
} from './report-words.ts';

/** The report as one file that opens anywhere: no script, no address to fetch from. */
export function reportHtml(report: ModelReport): string {
  const title = titleOf(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
<dl>
${fieldsOf(report)
  .map(([name, value]) => field(name, value))
  .join('\n')}
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
${report.timeline.map((entry) => `<li>${text(timelineText(entry))}</li>`).join('\n')}
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

function clauseRow(row: ClauseRow): string {
  const cure = row.cure === null ? '' : ` ${text(row.cure)}`;
  const facts = row.evidence.map((each) => `<li>${text(evidenceText(each))}</li>`).join('');
  const list = facts === '' ? '' : `<ul>${facts}</ul>`;
  return `<tr id="${row.clause}"><th scope="row">${row.clause}</th><td>${text(row.asks)}</td><td>${text(stateText(row))}</td><td>${text(row.says)}${cure}${list}</td></tr>`;
}

function costsTable(report: ModelReport): string {
  const rows = costRows(report).map(
    ([item, gpuHours, usd]) =>
      `<tr><th scope="row">${text(item)}</th><td>${gpuHours}</td><td>${usd}</td></tr>`,
  );
  if (rows.length === 0) return '';
  return `<h2>Costs</h2>
<table>
<thead><tr><th scope="col">Item</th><th scope="col">GPU-hours</th><th scope="col">USD</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function withheldText(report: ModelReport): string {
  const fields = withheldTexts(report);
  return fields.length === 0 ? 'nothing' : `${fields.length}: ${fields.join('; ')}`;
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
