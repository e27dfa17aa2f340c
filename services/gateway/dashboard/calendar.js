import { getAllAt } from './api.js';
import { button, element, empty, messageLink, replaceKeepingOpen, table } from './dom.js';
import { moment, span } from './format.js';

/**
 * @typedef {import('./page.js').Context} Context
 * @typedef {import('./page.js').View} View
 * @typedef {import('./api.js').Due} Due
 */

const STEP = 50;

/** What is due of all models: what is late first, then what comes, then what has come. @implements {View} */
export class Calendar {
  #parent;
  #count = STEP;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Context} context */
  async refresh(context) {
    /** @type {{ readonly at: number, readonly items: readonly Due[] }} */
    const { at, items: due } = await getAllAt('oversight/calendar', 'due');
    const open = due.filter(({ doneBy, what }) => doneBy === null && what !== 'window-opens');
    const late = open.filter((each) => each.at <= at);
    const coming = due.filter((each) => each.doneBy === null && each.at > at);
    const done = due.filter(({ doneBy }) => doneBy !== null).toReversed();
    replaceKeepingOpen(this.#parent, [
      element('p', { class: 'quiet' }, [
        `As of ${moment(at)}. Times are UTC; a day ends where the charter’s clocks say.`,
      ]),
      element('h3', {}, [`Late (${late.length})`]),
      this.#list('What is late', late, at, context),
      element('h3', {}, [`Coming (${coming.length})`]),
      this.#list('What is coming', coming, at, context),
      element('h3', {}, [`Done (${done.length})`]),
      this.#list('What was done', done, at, context),
    ]);
  }

  /** @param {string} caption @param {readonly Due[]} all @param {number} at @param {Context} context */
  #list(caption, all, at, context) {
    if (all.length === 0) return empty('Nothing.');
    const rows = all
      .slice(0, this.#count)
      .map((each) => [
        moment(each.at),
        element('span', { 'data-what': each.what }, [context.oversight.due[each.what] ?? each.what]),
        each.model,
        each.lab,
        each.doneBy === null
          ? element('span', { class: each.at <= at ? 'missing' : 'quiet' }, [distance(each.at - at)])
          : element('span', {}, ['came: ', messageLink(each.doneBy)]),
      ]);
    const more = button(`Show more of “${caption}”`, () => {
      this.#count += STEP;
      context.refresh();
    });
    return element('div', {}, [
      table(caption, ['Due by', 'What', 'Model', 'Lab', 'How it stands'], rows),
      all.length > this.#count ? more : null,
    ]);
  }
}

/** @param {number} ms from now on */
function distance(ms) {
  return ms <= 0 ? `${span(-ms)} late` : `in ${span(ms)}`;
}
