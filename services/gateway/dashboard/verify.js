import { fill, unchecked } from './check-mark.js';
import { element } from './dom.js';

/**
 * @typedef {import('./page.js').Context} Context
 * @typedef {import('./page.js').View} View
 */

/** More than any proof, and than bundles of a few hundred thousand messages. */
const FILE_LIMIT_BYTES = 256 * 1_048_576;

/** Files dropped here are checked in this browser, and go nowhere. @implements {View} */
export class Verify {
  #results = element('div', { 'aria-live': 'polite', id: 'verified' });
  #isDrawn = false;
  #parent;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Context} context */
  async refresh(context) {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    const input = element('input', { type: 'file', multiple: '', id: 'verify-files' });
    input.addEventListener('change', () => this.#take([...(input.files ?? [])], context));
    const zone = element('div', { class: 'drop' }, [
      element('label', { for: 'verify-files' }, ['Choose files, or drop them here']),
      input,
    ]);
    zone.addEventListener('dragover', (event) => event.preventDefault());
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      this.#take([...(event.dataTransfer?.files ?? [])], context);
    });
    this.#parent.replaceChildren(
      element('p', {}, [
        'A message (as CBOR or JSON), a proof (.tlog-proof) or a bundle (.car): checked in this browser against the charter of ',
        element('code', {}, [context.overview.federation]),
        '. Nothing is sent anywhere.',
      ]),
      zone,
      this.#results,
    );
  }

  /** @param {readonly File[]} files @param {Context} context */
  #take(files, { checker }) {
    for (const file of files) {
      const mark = element('details', { class: 'check', 'data-state': 'waiting', open: '' }, [
        element('summary', {}, ['… checking']),
      ]);
      this.#results.prepend(element('article', { class: 'card' }, [element('h3', {}, [file.name]), mark]));
      checked(file, checker).then(
        (result) => fill(mark, result),
        (error) => unchecked(mark, error),
      );
    }
  }
}

/** @param {File} file @param {Context['checker']} checker */
async function checked(file, checker) {
  if (file.size > FILE_LIMIT_BYTES) throw new Error('a file of more than 256 MiB: use oversight audit');
  return checker.ask('file', new Uint8Array(await file.arrayBuffer()));
}
