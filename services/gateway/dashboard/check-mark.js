import { element } from './dom.js';

/**
 * @typedef {import('./checker-client.js').Checker} Checker
 * @typedef {import('./checker-client.js').CheckResult} CheckResult
 * @typedef {import('./checker-client.js').ShownMessage} ShownMessage
 */

const WORDS = { checked: '✓ checked here', partly: '◐ checked in part', wrong: '✗ does not hold' };
/** Answers kept for when the same is shown again. */
const KEPT = 1_000;

/** Marks what is shown with what this browser could check of it. */
export class Marks {
  #checker;
  /** @type {Map<string, CheckResult>} */
  #known = new Map();

  /** @param {Checker} checker */
  constructor(checker) {
    this.#checker = checker;
  }

  /** @param {ShownMessage} shown @returns {HTMLElement} that fills itself in */
  of(shown) {
    const mark = element(
      'details',
      { class: 'check', 'data-state': 'waiting', 'data-key': `check-${shown.message}` },
      [element('summary', {}, ['… checking'])],
    );
    const key = JSON.stringify(shown);
    const known = this.#known.get(key);
    if (known !== undefined) fill(mark, known);
    else this.#look(mark, key, shown);
    return mark;
  }

  /** @param {HTMLElement} mark @param {string} key @param {ShownMessage} shown */
  async #look(mark, key, shown) {
    try {
      const result = await this.#checker.ask('message', shown);
      if (result.state === 'checked') {
        if (this.#known.size >= KEPT) this.#known.clear();
        this.#known.set(key, result);
      }
      fill(mark, result);
    } catch (error) {
      unchecked(mark, error);
    }
  }
}

/** A mark that waits for its answer. @param {string} key @param {Promise<CheckResult>} looking */
export function markOf(key, looking) {
  const mark = element('details', { class: 'check', 'data-state': 'waiting', 'data-key': `check-${key}` }, [
    element('summary', {}, ['… checking']),
  ]);
  looking.then(
    (result) => fill(mark, result),
    (error) => unchecked(mark, error),
  );
  return mark;
}

/** @param {HTMLElement} mark @param {CheckResult} result */
export function fill(mark, { state, checked, unchecked: open, wrong }) {
  mark.dataset['state'] = state;
  mark.replaceChildren(
    element('summary', {}, [WORDS[state]]),
    element('ul', {}, [
      ...wrong.map((text) => element('li', { 'data-line': 'wrong' }, [text])),
      ...checked.map((text) => element('li', { 'data-line': 'checked' }, [text])),
      ...open.map((text) => element('li', { 'data-line': 'unchecked' }, [`not checked: ${text}`])),
    ]),
  );
}

/** @param {HTMLElement} mark @param {unknown} error */
export function unchecked(mark, error) {
  mark.dataset['state'] = 'unchecked';
  const why = error instanceof Error ? error.message : 'no answer';
  mark.replaceChildren(
    element('summary', {}, ['○ not checked']),
    element('ul', {}, [element('li', { 'data-line': 'unchecked' }, [`not checked: ${why}`])]),
  );
}
