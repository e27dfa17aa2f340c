import { element, messageLink } from './dom.js';
import { moment, momentToSecond, span as spanText } from './format.js';
import { drawing, drawingWidth, label, shape } from './svg.js';

/**
 * @typedef {import('./api.js').ModelReport} ModelReport
 * @typedef {import('./page.js').Context} Context
 * @typedef {ModelReport['timeline'][number]} Entry
 */

/** Shorter windows are told to the second: some federations rehearse. */
const DAY_MS = 86_400_000;
const HEIGHT = 74;
const EDGE = 10;
const AXIS = 34;
/** Of `window, 2026-11-21 to 2027-02-21`, about. */
const LABEL_WIDTH = 240;

/** The window and what came, drawn; then everything with its time, in words. @param {ModelReport} report @param {Context} context */
export function timeline(report, context) {
  return element('section', { class: 'timeline', 'data-place': 'timeline' }, [
    element('h4', {}, ['Timeline']),
    report.clock === null ? null : windowText(report),
    report.clock === null ? null : drawWindow(report),
    element(
      'ol',
      {},
      report.timeline.map((entry) => item(entry, report, context)),
    ),
  ]);
}

/** @param {ModelReport} report */
function windowText({ clock, analog, at }) {
  const { opens, ends } = /** @type {NonNullable<ModelReport['clock']>} */ (clock);
  const toText = ends - opens < DAY_MS ? momentToSecond : moment;
  const came = analog?.established ?? null;
  const late = came === null ? at >= ends : came >= ends;
  const says =
    came === null
      ? late
        ? 'no analog came in it: late'
        : `${spanText(ends - at)} left`
      : late
        ? 'the analog came after it: late'
        : came < opens
          ? 'the analog came before it'
          : 'the analog came in it';
  return element('p', { class: 'window', 'data-late': String(late) }, [
    `Window for the analog: ${toText(opens)} to ${toText(ends)}; `,
    element('strong', {}, [says]),
    '.',
  ]);
}

/** @param {number} opens @param {number} ends */
function windowLabel(opens, ends) {
  const [from, to] = [moment(opens).slice(0, 10), moment(ends).slice(0, 10)];
  return from === to ? `window, on ${from}` : `window, ${from} to ${to}`;
}

/** @param {ModelReport} report */
function drawWindow({ clock, analog, at, model }) {
  const { from, opens, ends } = /** @type {NonNullable<ModelReport['clock']>} */ (clock);
  const width = drawingWidth();
  const came = analog?.established ?? null;
  const last = Math.max(ends, came ?? 0, at > ends ? Math.min(at, ends + (ends - from)) : ends);
  const span = Math.max(1, last - from);
  const x = (/** @type {number} */ time) =>
    EDGE + ((width - 2 * EDGE) * (Math.min(time, last) - from)) / span;
  const title = `${model.name}: deployed, window${came === null ? '' : ', analog'}${at <= last ? ', today' : ''}`;
  return drawing(width, HEIGHT, title, [
    shape('line', { class: 'axis', x1: EDGE, x2: width - EDGE, y1: AXIS, y2: AXIS }),
    shape('rect', {
      class: 'window-bar',
      x: x(opens),
      y: AXIS - 9,
      width: Math.max(2, x(ends) - x(opens)),
      height: 18,
    }),
    shape('circle', { class: 'dot', cx: x(from), cy: AXIS, r: 6 }),
    label('deployed', x(from), AXIS - 16, 'start'),
    label(windowLabel(opens, ends), Math.min(x(opens), width - LABEL_WIDTH), AXIS + 28, 'start'),
    ...(came === null
      ? []
      : [
          shape('path', {
            class: came < ends ? 'came' : 'came late',
            d: `M ${x(came)} ${AXIS - 8} l 8 8 l -8 8 l -8 -8 z`,
          }),
          label('analog', Math.min(Math.max(x(came), 110), width - 40), AXIS - 16, 'middle'),
        ]),
    ...(at < last
      ? [shape('line', { class: 'now', x1: x(at), x2: x(at), y1: AXIS - 14, y2: AXIS + 14 })]
      : []),
  ]);
}

/** @param {Entry} entry @param {ModelReport} report @param {Context} context */
function item(entry, report, { oversight, marks }) {
  const { clock } = report;
  const toText = clock !== null && clock.ends - clock.opens < DAY_MS ? momentToSecond : moment;
  const when = entry.at === null ? 'not yet seen by witnesses' : toText(entry.at);
  if (entry.type === 'due') {
    const overdue = entry.doneBy === null && entry.at <= report.at && entry.what !== 'window-opens';
    return element('li', { class: overdue ? 'due overdue' : 'due' }, [
      element('span', { class: 'when' }, [when]),
      element('span', {}, [
        oversight.due[entry.what] ?? entry.what,
        entry.doneBy === null ? (overdue ? ': nothing came' : null) : ': done by ',
        entry.doneBy === null ? null : messageLink(entry.doneBy),
      ]),
    ]);
  }
  const isStatement = !/^(?:frontier|analog)-release\//.test(entry.kind);
  return element('li', { 'data-kind': entry.kind }, [
    element('span', { class: 'when' }, [when]),
    element('span', {}, [
      `${entry.by} ${entry.says}${entry.isWithdrawn ? ' (taken back)' : ''} `,
      messageLink(entry.id),
      ' ',
      // releases carry their own marks above
      isStatement
        ? marks.of({
            message: entry.id,
            kind: entry.kind,
            by: entry.by,
            established: entry.at,
            fields: {},
            says: entry.says,
          })
        : null,
    ]),
  ]);
}
