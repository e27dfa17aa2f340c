import { get, publish } from './api.js';
import { button, element, messageLink } from './dom.js';
import { fieldsOf } from './form.js';
import { words } from './format.js';

/**
 * @typedef {import('./page.js').Context} Context
 * @typedef {import('./page.js').View} View
 * @typedef {import('./api.js').ModelReport} ModelReport
 * @typedef {import('./checker/acts.ts').Act} Act
 */

/** @type {readonly (readonly [Act, string])[]} */
const ACTS = [
  ['determination/1', 'Determination'],
  ['notice-of-non-compliance/1', 'Notice of non-compliance'],
];
/** Notices in force may be settled by a determination. */
const NOTICE = 'notice-of-non-compliance/1';

/** A regulator's acts on one model, signed by this node for its owner. @implements {View} */
export class Acts {
  #parent;
  /** Model whose forms are drawn: what was typed in stays over a refresh. */
  #model = '';
  /** Of the owner; in memory only, gone with the page. */
  #token = '';

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Context} context */
  async refresh(context) {
    if (context.rest === this.#model && this.#parent.childElementCount > 0) return;
    this.#model = context.rest;
    if (context.rest === '') {
      this.#parent.replaceChildren(
        element('p', {}, ['Choose a model under ', element('a', { href: '#/releases' }, ['Releases']), '.']),
      );
      return;
    }
    /** @type {[ModelReport, import('../../../protocols/kinds/index.ts').CharterDocument]} */
    const [report, charter] = await Promise.all([get(`oversight/${context.rest}`), get('charter')]);
    const forms = await Promise.all(ACTS.map((act) => this.#formOf(act, report, charter, context)));
    this.#parent.replaceChildren(
      element('p', {}, [
        `On ${report.model.name} ${report.model.version} of ${report.lab.name}. This node signs and publishes what you say here; nothing is ever taken out of the record again. Only regulators may say it.`,
      ]),
      this.#tokenField(),
      ...forms,
    );
  }

  #tokenField() {
    const input = element('input', { id: 'owner-token', type: 'password', autocomplete: 'off' });
    input.value = this.#token;
    input.addEventListener('input', () => {
      this.#token = input.value;
    });
    return element('div', { class: 'field' }, [
      element('label', { for: 'owner-token' }, [
        'The owner’s token (the file “token” in the node’s home; kept in memory only)',
      ]),
      input,
    ]);
  }

  /** @param {readonly [Act, string]} act @param {ModelReport} report @param {import('../../../protocols/kinds/index.ts').CharterDocument} charter @param {Context} context */
  async #formOf([kind, title], report, charter, { checker, refresh }) {
    const schema = /** @type {import('./form.js').Schema} */ (await checker.ask('form', kind));
    const prefix = kind.replace(/\/.*/, '');
    const fields = fieldsOf(prefix, schema, knownOf(report, charter, kind));
    const answer = element('p', { class: 'answer', role: 'status' });
    const publishIt = async () => {
      const body = /** @type {object} */ (fields.read());
      const fault = await checker.ask('body', { kind, body });
      if (fault !== null) throw new Error(fault);
      const id = await publish(kind, body, this.#token.trim());
      answer.replaceChildren('Published: ', messageLink(id));
      refresh();
    };
    return element('section', { class: 'card act', 'data-kind': kind, 'aria-label': title }, [
      element('h3', {}, [title]),
      fields.node,
      button(`Sign and publish the ${title.toLowerCase()}`, () => {
        answer.replaceChildren('…');
        publishIt().catch((error) => answer.replaceChildren(`Not published: ${error.message}`));
      }),
      answer,
    ]);
  }
}

/** @param {ModelReport} report @param {import('../../../protocols/kinds/index.ts').CharterDocument} charter @param {Act} kind */
function knownOf({ model, analog, timeline, clauses }, charter, kind) {
  const notices = timeline.flatMap((entry) =>
    entry.type === 'message' && entry.kind === NOTICE
      ? [{ value: entry.id, text: `the notice …${entry.id.slice(-10)}: ${entry.by} ${entry.says}` }]
      : [],
  );
  const jurisdictions = charter.policy.oversight?.jurisdictions ?? [];
  return {
    fixed: { frontier: model.id },
    choices: {
      analog: analog === null ? [] : [{ value: analog.id, text: `${analog.name} ${analog.version}` }],
      settles: notices,
      // a determination has entries of that name, each with one clause
      [kind === NOTICE ? 'clauses' : 'clause']: clauses.map(({ clause, asks, state }) => {
        return { value: clause, text: `${clause}: ${asks} (${words(state)})` };
      }),
      ...(jurisdictions.length === 0
        ? {}
        : { jurisdiction: jurisdictions.map(({ id, name }) => ({ value: id, text: name })) }),
    },
  };
}
