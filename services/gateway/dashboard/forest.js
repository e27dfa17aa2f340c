import { CONDITION_ORDER, conditionWords } from './conditions.js';
import { element } from './dom.js';
import { percent, words } from './format.js';
import { drawing, drawingWidth, label, shape } from './svg.js';

/**
 * @typedef {import('./api.js').Finding} Finding
 * @typedef {import('./checker-client.js').Checker} Checker
 * @typedef {{ readonly who: string, readonly condition: string, readonly k: number, readonly n: number }} Row
 */

/** Room for the words of a row. */
const LEFT = 172;
const RIGHT = 20;
const LINE = 20;
const TOP = 26;

/** A plot for each measure that is a rate: the claim, and beside it what each verifier counted, with exact 95 % intervals. @param {Finding} finding @param {(key: string) => string} nameOf @param {Checker} checker */
export function forest({ claim, verdicts }, nameOf, checker) {
  const measures = [claim.effect, ...claim.gates].map(({ measure }) => measure);
  const sources = [
    { who: 'claimed', counts: claim.counts },
    ...verdicts
      .filter(({ discount }) => discount === null)
      .map(({ verifier, counts }) => ({ who: nameOf(verifier), counts })),
  ];
  const plots = measures.flatMap((measure) => {
    const rows = CONDITION_ORDER.flatMap((condition) =>
      sources.flatMap(({ who, counts }) =>
        counts
          .filter((each) => each.measure === measure && each.condition === condition && each.n > 0)
          .map(({ k, n }) => ({ who, condition, k, n })),
      ),
    );
    return rows.length === 0 ? [] : [plot(measure, rows, boundOf(claim, measure), checker)];
  });
  if (plots.length === 0) return null;
  return element('div', { class: 'forest' }, [
    element('p', { class: 'legend' }, [
      element('span', {}, ['□ claimed']),
      element('span', {}, ['■ counted by a verifier']),
      element('span', {}, ['— exact 95 % interval of the rate']),
    ]),
    ...plots,
  ]);
}

/** What the claim says of the treated rate; null for gates, which are about a change. @param {Finding['claim']} claim @param {string} measure */
function boundOf({ effect }, measure) {
  return measure === effect.measure && effect.boundPpm !== undefined ? Number(effect.boundPpm) : null;
}

/** @param {string} measure @param {readonly Row[]} rows @param {number | null} bound @param {Checker} checker */
function plot(measure, rows, bound, checker) {
  const width = drawingWidth();
  const isNarrow = width < 3 * LEFT;
  const left = isNarrow ? LEFT : LEFT + 50;
  const ticks = isNarrow ? [0, 500_000, 1_000_000] : [0, 250_000, 500_000, 750_000, 1_000_000];
  const height = TOP + rows.length * LINE + 22;
  const x = (/** @type {number} */ ppm) => left + ((width - left - RIGHT) * ppm) / 1_000_000;
  const y = (/** @type {number} */ row) => TOP + row * LINE + LINE / 2;
  const bottom = height - 20;
  const intervals = shape('g', { class: 'intervals' });
  const made = drawing(width, height, `${words(measure)}: rates with 95 % intervals, as in the table below`, [
    ...ticks.flatMap((ppm) => [
      shape('line', { class: 'grid', x1: x(ppm), x2: x(ppm), y1: TOP, y2: bottom }),
      label(percent(ppm), x(ppm), height - 5, ppm === 1_000_000 ? 'end' : 'middle'),
    ]),
    label(words(measure), 0, 14, 'start'),
    ...(bound === null
      ? []
      : [
          shape('line', { class: 'bound', x1: x(bound), x2: x(bound), y1: TOP - 6, y2: bottom }),
          label(`claimed bound ${percent(bound)}`, Math.min(x(bound) + 4, width - 120), 14, 'start'),
        ]),
    ...rows.flatMap(({ who, condition, k, n }, row) => [
      label(`${conditionWords(condition)}, ${who}`, 0, y(row) + 4, 'start'),
      mark(who, x((k / n) * 1_000_000), y(row)),
    ]),
    intervals,
  ]);
  checker
    .ask(
      'intervals',
      rows.map(({ k, n }) => ({ k, n })),
    )
    .then(
      (found) => {
        intervals.append(
          ...found.flatMap((interval, row) =>
            interval === null
              ? []
              : [
                  shape('line', {
                    class: 'interval',
                    x1: x(interval.lowPpm),
                    x2: x(interval.highPpm),
                    y1: y(row),
                    y2: y(row),
                  }),
                ],
          ),
        );
      },
      () => made.setAttribute('data-intervals', 'missing'),
    );
  return made;
}

/** The claim is hollow, what was counted is filled. @param {string} who @param {number} x @param {number} y */
function mark(who, x, y) {
  return shape('rect', {
    class: who === 'claimed' ? 'claimed' : 'counted',
    x: x - 4,
    y: y - 4,
    width: 8,
    height: 8,
  });
}
