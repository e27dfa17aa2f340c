import { get, getAllAt } from './api.js';
import { renderCharter } from './charter.js';
import { markOf } from './check-mark.js';
import { element, identifier, messageLink, replaceKeepingOpen, table } from './dom.js';
import { grouped } from './format.js';
import { renderMembers } from './members.js';

/**
 * @typedef {import('./page.js').Context} Context
 * @typedef {import('./page.js').View} View
 * @typedef {import('./api.js').FederationView} FederationView
 * @typedef {import('./api.js').ReleaseCopies} ReleaseCopies
 */

const STATES = { shown: 'shown', failed: 'not shown', promised: 'promised' };

/** Who takes part, how far each feed is signed and witnessed, forks, the charter, who keeps what. @implements {View} */
export class Federation {
  #parent;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Context} context */
  async refresh(context) {
    const [view, { feeds }, { items: releases }, status] = await Promise.all([
      /** @type {Promise<FederationView>} */ (get('federation')),
      /** @type {Promise<{ readonly feeds: readonly import('./api.js').Feed[] }>} */ (get('feeds')),
      /** @type {Promise<{ readonly items: readonly ReleaseCopies[] }>} */ (getAllAt('copies', 'releases')),
      /** @type {Promise<import('./api.js').NodeStatus>} */ (get('status')),
    ]);
    replaceKeepingOpen(this.#parent, [
      trust(context),
      element('h3', {}, ['Members']),
      ...renderMembers(view),
      element('h3', {}, ['Feeds']),
      feedTable(feeds, view, status, context),
      element('h3', {}, ['Copies']),
      ...copiesOf(releases),
      element('h3', {}, ['Charter']),
      ...renderCharter(view, context.nameOf),
    ]);
  }
}

/** On what all checks in this browser hang. @param {Context} context */
function trust({ overview, checker }) {
  return element('div', { class: 'card' }, [
    element('p', {}, [
      'All checks in this browser hang on the federation’s id. Compare it with what you were given by other means: ',
      element('code', {}, [overview.federation]),
    ]),
    markOf('charter', checker.charters()),
  ]);
}

/** @param {readonly import('./api.js').Feed[]} feeds @param {FederationView} view @param {import('./api.js').NodeStatus} status @param {Context} context */
function feedTable(feeds, { members, formerMembers }, { witnessing }, { checker }) {
  const all = [...members, ...[...members, ...formerMembers].flatMap(({ former }) => former)];
  const heads = new Map(all.map(({ key, feed }) => [key, feed.head]));
  const rows = feeds.toSorted(byName).map(({ feed, name, size, signed, prefix }) => {
    const head = heads.get(/** @type {any} */ (feed)) ?? null;
    return [
      element('span', {}, [name ?? 'a former key', element('span', { class: 'block' }, [identifier(feed)])]),
      grouped(size),
      signed === null ? 'none' : grouped(signed),
      head === null ? 'none' : messageLink(head),
      signed === null ? 'no head' : markOf(`head-${feed}`, checker.ask('head', { feed, signed })),
      element(
        'a',
        { href: `${prefix.replace(/^\//, '')}/checkpoint`, 'aria-label': `Checkpoint of ${name ?? feed}` },
        ['checkpoint'],
      ),
    ];
  });
  const cosigned = witnessing.cosigned.map(({ witness, size }) => `${witness} ${size}`).join(', ');
  return element('div', {}, [
    table(
      'Feeds as transparency logs',
      ['Feed', 'Held', 'Signed head', 'Newest message', 'Head and witnesses', 'Log'],
      rows,
    ),
    element('p', { class: 'quiet' }, [
      cosigned === ''
        ? 'No witness has cosigned this node’s own feed.'
        : `This node’s own feed, cosigned: ${cosigned}.`,
    ]),
  ]);
}

/** Former keys last. @param {import('./api.js').Feed} a @param {import('./api.js').Feed} b */
function byName(a, b) {
  return (a.name ?? '\uffff') < (b.name ?? '\uffff') ? -1 : 1;
}

/** @param {readonly ReleaseCopies[]} releases */
function copiesOf(releases) {
  if (releases.length === 0) return [element('p', { class: 'empty' }, ['No checkpoint has been released.'])];
  const rows = releases.map((each) => [
    element('span', {}, [
      `${each.name} ${each.version}`,
      element('span', { class: 'block' }, [messageLink(each.release)]),
    ]),
    String(each.shown),
    String(each.independent),
    keepersText(each),
  ]);
  return [
    element('p', { class: 'quiet' }, [
      'Shown: organisations that promised to keep the checkpoint and answered with the parts they were asked for, in the last 30 days. Independent: of those, others than the lab that released it.',
    ]),
    table('Copies of released checkpoints', ['Release', 'Shown', 'Independent', 'Keepers'], rows),
  ];
}

/** @param {ReleaseCopies | undefined} copies */
export function copiesText(copies) {
  if (copies === undefined || copies.promised === 0) return 'nobody has promised to keep it';
  return `${copies.shown} shown when asked, ${copies.independent} independent of the lab: ${keepersText(copies)}`;
}

/** @param {ReleaseCopies} copies */
function keepersText({ copies }) {
  return copies.length === 0
    ? 'nobody'
    : copies.map(({ member, state }) => `${member} (${STATES[state]})`).join(', ');
}
