import { element, messageLink, table } from './dom.js';
import { grouped, moment, momentToSecond } from './format.js';

/**
 * @typedef {import('./api.js').ModelReport} ModelReport
 * @typedef {ModelReport['clauses'][number]} ClauseRow
 */

export const STATES = {
  met: '✓ met',
  'not-met': '✗ not met',
  pending: '… pending',
  'cannot-be-known': '? cannot be known',
};

/** How many clauses stand how. @param {ModelReport} report */
export function tallyOf({ clauses }) {
  const count = (/** @type {string} */ state) => clauses.filter((row) => row.state === state).length;
  /** @type {readonly (readonly [string, string])[]} */
  const others = [
    ['not-met', 'not met'],
    ['pending', 'pending'],
    ['cannot-be-known', 'cannot be known'],
  ];
  const rest = others.flatMap(([state, says]) => (count(state) === 0 ? [] : [`, ${count(state)} ${says}`]));
  return `Clauses: ${count('met')} of ${clauses.length} met${rest.join('')}`;
}

/** Each clause: what it asks, how it stands and why, with the facts and the messages that state them. @param {ModelReport} report */
export function clauseTable({ model, clauses }) {
  const made = table(
    `Clauses of ${model.name} ${model.version}`,
    ['Clause', 'Asks', 'State', 'Because'],
    clauses.map((row) => [row.clause, row.asks, state(row), because(row)]),
  );
  // a place to link to: of several models on the page, each its own
  for (const [i, row] of [...made.querySelectorAll('tbody tr')].entries()) {
    const clause = clauses[i]?.clause ?? '';
    row.id = `${clause}-${model.id.slice(-10)}`;
    row.setAttribute('data-clause', clause);
  }
  return made;
}

/** @param {ClauseRow} row */
function state(row) {
  return element('span', { class: 'state', 'data-state': row.state }, [
    STATES[row.state],
    row.state === 'pending' ? element('span', { class: 'block' }, [`until ${moment(row.until)}`]) : null,
  ]);
}

/** Counts in groups of three, years as they are; moments as everywhere on the page. @param {string | number} value */
function legible(value) {
  const text = String(value);
  if (/^\d{5,15}$/.test(text)) return grouped(Number(text));
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) ? momentToSecond(Date.parse(text)) : text;
}

/** @param {ClauseRow} row */
function because({ says, cure, evidence }) {
  return element('span', {}, [
    says,
    cure === null ? null : element('span', { class: 'block' }, [cure]),
    evidence.length === 0
      ? null
      : element(
          'ul',
          { class: 'evidence' },
          evidence.map(({ what, value, message }) =>
            element('li', {}, [
              value === null ? what : `${what}: ${legible(value)} `,
              message === null ? null : messageLink(message),
            ]),
          ),
        ),
  ]);
}
