import { element, identifier, messageLink } from './dom.js';
import { grouped, knownBy, percent } from './format.js';

/**
 * @typedef {import('./api.js').FederationRecord} FederationRecord
 * @typedef {FederationRecord['frontierReleases'][number]} Frontier
 * @typedef {FederationRecord['analogReleases'][number]} Analog
 * @typedef {readonly import('./api.js').ReleaseCopies[]} AllCopies
 */

/**
 * Each frontier model with its analogs under it; analogs of unknown models last.
 * @param {FederationRecord} record
 * @param {(key: string) => string} nameOf
 * @param {AllCopies} copies
 * @returns {readonly Node[]}
 */
export function renderReleases({ frontierReleases, analogReleases }, nameOf, copies) {
  if (frontierReleases.length + analogReleases.length === 0)
    return [empty('No model has been released yet.')];
  const orphans = analogReleases.filter((analog) => analog.frontier === null);
  return [
    ...frontierReleases.map((frontier) => {
      const analogs = analogReleases.filter((analog) => analog.frontier === frontier.id);
      return frontierCard(frontier, analogs, nameOf, copies);
    }),
    ...orphans.map((analog) =>
      element('article', { class: 'card' }, [
        element('p', { class: 'quiet' }, ['The frontier model of this analog is not in the record.']),
        analogBlock(analog, copies),
      ]),
    ),
  ];
}

/**
 * @param {Frontier} frontier
 * @param {readonly Analog[]} analogs
 * @param {(key: string) => string} nameOf
 * @param {AllCopies} copies
 */
function frontierCard(frontier, analogs, nameOf, copies) {
  return element('article', { class: 'card' }, [
    element('header', { class: 'card-head' }, [
      element('h3', {}, [`${frontier.name} ${frontier.version}`]),
      element('span', { class: 'tag' }, ['frontier model']),
    ]),
    facts([
      ['Lab', nameOf(frontier.author)],
      ['In use since', frontier.deployedOn],
      ['Parameters', frontier.parameters === null ? 'withheld' : grouped(frontier.parameters)],
      ['Architecture', frontier.modelType],
      ['Weights', frontier.checkpoint === null ? 'private' : identifier(frontier.checkpoint)],
      ['Notice', messageLink(frontier.id)],
      ['Known by', knownBy(frontier.established)],
    ]),
    analogs.length === 0
      ? element('p', { class: 'missing' }, ['No analog has been released for it yet.'])
      : element(
          'div',
          { class: 'analogs' },
          analogs.map((analog) => analogBlock(analog, copies)),
        ),
  ]);
}

/** @param {Analog} analog @param {AllCopies} copies */
function analogBlock(analog, copies) {
  return element('div', { class: 'analog' }, [
    element('header', { class: 'card-head' }, [
      element('h4', {}, [`${analog.name} ${analog.version}`]),
      element('span', { class: 'tag' }, ['analog']),
    ]),
    facts([
      ['Share of the frontier model', analog.ratioPpm === null ? 'unknown' : percent(analog.ratioPpm)],
      ['Parameters', grouped(analog.parameters)],
      ['Licence', analog.licence],
      ['Checkpoint', identifier(analog.checkpoint)],
      ['Copies', copiesText(copies.find(({ release }) => release === analog.id))],
      ['Notice', messageLink(analog.id)],
      ['Known by', knownBy(analog.established)],
    ]),
  ]);
}

const STATES = { shown: 'shown', failed: 'not shown', promised: 'promised' };

/** @param {AllCopies[number] | undefined} copies */
function copiesText(copies) {
  if (copies === undefined || copies.promised === 0) return 'nobody has promised to keep it';
  const keepers = copies.copies.map(({ member, state }) => `${member} (${STATES[state]})`).join(', ');
  return `${copies.shown} shown when asked, ${copies.independent} independent of the lab: ${keepers}`;
}

/** @param {readonly (readonly [string, Node | string])[]} pairs */
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
