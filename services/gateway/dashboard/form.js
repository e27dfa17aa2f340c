import { button, element } from './dom.js';
import { words } from './format.js';

/**
 * A field as its kind's schema has it (JSON Schema, as far as kinds use it).
 * @typedef {object} Schema
 * @property {string} [type]
 * @property {readonly string[]} [enum]
 * @property {number} [maxLength]
 * @property {string} [format]
 * @property {readonly Schema[]} [anyOf]
 * @property {Schema} [items]
 * @property {Readonly<Record<string, Schema>>} [properties]
 * @property {readonly string[]} [required]
 */

/** @typedef {{ readonly value: string, readonly text: string }} Choice */

/**
 * What the page knows beside the schema: fields that are settled, and what may be chosen for those that name messages.
 * @typedef {object} Known
 * @property {Readonly<Record<string, string>>} fixed
 * @property {Readonly<Record<string, readonly Choice[]>>} choices
 */

/** @typedef {{ readonly node: HTMLElement, read(): unknown }} Field */

/** Of choices, each gets a line of its own where one is longer. */
const LONG_CHARS = 30;
/** Longer texts get more lines. */
const LINE_CHARS = 500;

/** Fields for everything that the kind asks for. @param {string} prefix of the ids @param {Schema} schema @param {Known} known @returns {Field} */
export function fieldsOf(prefix, { properties = {}, required = [] }, known) {
  const fields = required
    .filter((name) => known.fixed[name] === undefined)
    .map((name) => ({ name, field: fieldOf(`${prefix}-${name}`, name, properties[name] ?? {}, known) }));
  return {
    node: element(
      'div',
      { class: 'fields' },
      fields.map(({ field }) => field.node),
    ),
    read: () => ({
      ...known.fixed,
      ...Object.fromEntries(fields.map(({ name, field }) => [name, field.read()])),
    }),
  };
}

/** @param {string} id @param {string} name @param {Schema} schema @param {Known} known @returns {Field} */
function fieldOf(id, name, schema, known) {
  const isOptional = schema.anyOf?.some(({ type }) => type === 'null') ?? false;
  const one = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  const choices = known.choices[name] ?? one.enum?.map((value) => ({ value, text: words(value) }));
  if (one.type === 'array') return listOf(id, name, one.items ?? {}, known);
  if (choices !== undefined) return selectOf(id, name, choices, isOptional);
  const input =
    (one.maxLength ?? 0) > LINE_CHARS
      ? element('textarea', { id, rows: '3' })
      : element('input', { id, type: one.format === 'date' ? 'date' : 'text' });
  return {
    node: labelled(id, name, input, isOptional),
    read: () => (input.value === '' && isOptional ? null : input.value),
  };
}

/** @param {string} id @param {string} name @param {readonly Choice[]} choices @param {boolean} isOptional @returns {Field} */
function selectOf(id, name, choices, isOptional) {
  const select = element('select', { id }, [
    ...(isOptional ? [element('option', { value: '' }, ['none'])] : []),
    ...choices.map(({ value, text }) => element('option', { value }, [text])),
  ]);
  return {
    node: labelled(id, name, select, isOptional),
    read: () => (select.value === '' ? null : select.value),
  };
}

/** @param {string} id @param {string} name @param {Schema} items @param {Known} known @returns {Field} */
function listOf(id, name, items, known) {
  const choices = known.choices[name] ?? items.enum?.map((value) => ({ value, text: value }));
  if (choices !== undefined) return checkboxesOf(id, name, choices);
  if (items.properties !== undefined) return entriesOf(id, name, items, known);
  const area = element('textarea', { id, rows: '2' });
  return {
    node: labelled(id, `${name}, one a line`, area, true),
    read: () =>
      area.value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
  };
}

/** @param {string} id @param {string} name @param {readonly Choice[]} choices @returns {Field} */
function checkboxesOf(id, name, choices) {
  const boxes = choices.map(({ value, text }, i) => {
    const box = element('input', { type: 'checkbox', id: `${id}-${i}`, value });
    return { box, node: element('label', { for: `${id}-${i}`, class: 'choice' }, [box, ` ${text}`]) };
  });
  const none = boxes.length === 0 ? [element('p', { class: 'quiet' }, ['There is none.'])] : [];
  return {
    node: element('fieldset', {}, [
      element('legend', {}, [titled(words(name))]),
      element(
        'div',
        { class: choices.some(({ text }) => text.length > LONG_CHARS) ? 'choices long' : 'choices' },
        [...boxes.map(({ node }) => node), ...none],
      ),
    ]),
    read: () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value),
  };
}

/** Entries that are added one by one. @param {string} id @param {string} name @param {Schema} items @param {Known} known @returns {Field} */
function entriesOf(id, name, items, known) {
  /** @type {Field[]} */
  const entries = [];
  const list = element('div');
  const add = button(`Add to ${words(name)}`, () => {
    const entry = fieldsOf(`${id}-${entries.length}`, items, { fixed: {}, choices: known.choices });
    entries.push(entry);
    const row = element('div', { class: 'entry' }, [entry.node]);
    row.append(
      button('Remove', () => {
        entries.splice(entries.indexOf(entry), 1);
        row.remove();
        add.focus();
      }),
    );
    list.append(row);
    row.querySelector('select, input')?.dispatchEvent(new Event('focus'));
  });
  return {
    node: element('fieldset', {}, [element('legend', {}, [titled(words(name))]), list, add]),
    read: () => entries.map((entry) => entry.read()),
  };
}

/** @param {string} text */
function titled(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string} id @param {string} name @param {HTMLElement} input @param {boolean} isOptional */
function labelled(id, name, input, isOptional) {
  const text = name.replaceAll(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
  return element('div', { class: 'field' }, [
    element('label', { for: id }, [`${titled(text)}${isOptional ? ' (may be empty)' : ''}`]),
    input,
  ]);
}
