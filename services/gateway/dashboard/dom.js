/** @typedef {Node | string | null} Child */

/**
 * Builds an element. Text becomes text nodes only: whatever the network wrote stays text.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Readonly<Record<string, string>>} attributes
 * @param {readonly Child[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`the page has no #${id}`);
  return found;
}

/** A long identifier, shortened to its last characters: the first ones are the same in every CID. @param {string} id */
export function identifier(id) {
  return element('code', { class: 'id', title: id }, [`…${id.slice(-10)}`]);
}

/** @param {string} id id of a message */
export function messageLink(id) {
  return element('a', { class: 'message', href: `messages/${encodeURIComponent(id)}`, title: id }, [
    `…${id.slice(-10)}`,
  ]);
}

/**
 * A table that scrolls by itself where it is too wide and can be reached by keyboard to do so. On a phone each row is a
 * list of its cells, each with the head of its column (style.css); the roles keep it a table for who hears it.
 * @param {string} caption
 * @param {readonly Child[]} head cells of the first row
 * @param {readonly (readonly Child[])[]} rows the first cell of each is its header
 */
export function table(caption, head, rows) {
  const headCells = head.map((cell) => element('th', { scope: 'col', role: 'columnheader' }, [cell]));
  const names = headCells.map((cell) => textsOf(cell).join(', '));
  const bodyRows = rows.map((cells) =>
    element(
      'tr',
      { role: 'row' },
      cells.map((cell, index) =>
        index === 0
          ? element('th', { scope: 'row', role: 'rowheader' }, [cell])
          : element('td', { role: 'cell', 'data-head': names[index] ?? '' }, [cell]),
      ),
    ),
  );
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, [
    element('table', { role: 'table' }, [
      element('caption', { class: 'unseen' }, [caption]),
      element('thead', { role: 'rowgroup' }, [element('tr', { role: 'row' }, headCells)]),
      element('tbody', { role: 'rowgroup' }, bodyRows),
    ]),
  ]);
}

/** The texts inside, each by itself. @param {Node} node @returns {readonly string[]} */
function textsOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ''];
  return [...node.childNodes].flatMap(textsOf);
}

/** @param {readonly (readonly [string, Child])[]} pairs */
export function facts(pairs) {
  return element(
    'dl',
    { class: 'facts' },
    pairs.map(([name, value]) => element('div', {}, [element('dt', {}, [name]), element('dd', {}, [value])])),
  );
}

/** @param {string} text */
export function empty(text) {
  return element('p', { class: 'empty' }, [text]);
}

/** A reader's opened details stay open over a refresh. @param {HTMLElement} parent @param {readonly Node[]} children */
export function replaceKeepingOpen(parent, children) {
  const open = new Set(
    [...parent.querySelectorAll('details[open]')].map((each) => each.getAttribute('data-key')),
  );
  const focused = parent.contains(document.activeElement) ? document.activeElement?.closest('details') : null;
  const key = focused?.getAttribute('data-key') ?? null;
  parent.replaceChildren(...children);
  for (const each of parent.querySelectorAll('details')) {
    each.open = open.has(each.getAttribute('data-key'));
    if (key !== null && each.getAttribute('data-key') === key) each.querySelector('summary')?.focus();
  }
}

/** @param {string} text @param {() => void} onClick */
export function button(text, onClick) {
  const made = element('button', { type: 'button' }, [text]);
  made.addEventListener('click', onClick);
  return made;
}
