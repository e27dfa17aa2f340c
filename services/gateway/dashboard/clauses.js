import { element, messageLink, table } from './dom.js';
import { moment } from './format.js';

/**
 * @typedef {import('./api.js').ModelReport} ModelReport
 * @typedef {ModelReport['clauses'][number]} ClauseRow
 */

const STATES = {
  met: '✓ met',
  'not-met': '✗ not met',
  pending: '… pending',
  'cannot-be-known': '? cannot be known',
};

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
              value === null ? what : `${what}: ${value} `,
              message === null ? null : messageLink(message),
            ]),
          ),
        ),
  ]);
}
