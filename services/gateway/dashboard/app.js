import { Acts } from './act.js';
import { get, getAllAt } from './api.js';
import { Calendar } from './calendar.js';
import { Marks } from './check-mark.js';
import { Checker } from './checker-client.js';
import { byId, element } from './dom.js';
import { firstCursor, followEvents } from './events.js';
import { copiesText, Federation } from './federation.js';
import { Findings } from './findings.js';
import { grouped, plural } from './format.js';
import { Releases } from './releases.js';
import { Verify } from './verify.js';

/**
 * @typedef {import('./api.js').NodeStatus} NodeStatus
 * @typedef {import('./api.js').Overview} Overview
 * @typedef {import('./page.js').Context} Context
 */

/** Events come in bursts; one look at the record serves them all. */
const REFRESH_DELAY_MS = 150;
const HOME = 'releases';

class Page {
  /** @type {Readonly<Record<string, import('./page.js').View>>} */
  #views = {
    releases: new Releases(byId('releases')),
    findings: new Findings(byId('findings')),
    federation: new Federation(byId('federation')),
    calendar: new Calendar(byId('calendar')),
    verify: new Verify(byId('verify')),
    act: new Acts(byId('act')),
  };
  #fixed;
  /** @type {Overview} */
  #overview;
  /** @type {Map<string, string>} */
  #copies = new Map();
  #isDue = false;
  /** The look that was begun last; it tells of its own failure. */
  #looking = Promise.resolve();
  #last = { name: HOME, rest: '' };

  /** @param {Overview} overview @param {import('./api.js').Wording} wording @param {import('./api.js').OversightWording} oversight */
  constructor(overview, wording, oversight) {
    this.#overview = overview;
    const checker = new Checker(overview.federation);
    this.#fixed = { wording, oversight, checker, marks: new Marks(checker) };
  }

  /** What the address names: a part of the page, and what of it. */
  #place() {
    // other fragments are places within the part that is shown
    if (!location.hash.startsWith('#/')) return this.#last;
    const [name = '', rest = ''] = location.hash.slice(2).split('/');
    this.#last = Object.hasOwn(this.#views, name) ? { name, rest } : { name: HOME, rest: '' };
    return this.#last;
  }

  /** Shows the part that the address names, its beginning on top. */
  async go() {
    const { name } = this.#place();
    /** @type {HTMLElement} */ for (const section of document.querySelectorAll('main > section'))
      section.toggleAttribute('hidden', section.id !== `part-${name}`);
    for (const link of document.querySelectorAll('nav a')) {
      if (link.getAttribute('href') === `#/${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    await this.draw();
  }

  async draw() {
    const { name, rest } = this.#place();
    const { names } = this.#overview;
    /** @type {Context} */
    const context = {
      ...this.#fixed,
      overview: this.#overview,
      nameOf: (key) => names[key] ?? key,
      copies: (release) => this.#copies.get(release) ?? '…',
      refresh: () => this.refreshSoon(),
      rest,
    };
    heading(this.#overview);
    await this.#views[name]?.refresh(context);
  }

  refreshSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(async () => {
      // one at a time: an answer that is late would be drawn over a newer one
      await this.#looking;
      this.#isDue = false;
      this.#looking = this.#refresh().then(() => showProblem(null), showProblem);
    }, REFRESH_DELAY_MS);
  }

  async #refresh() {
    const { id } = this.#overview.charter;
    this.#overview = await get('overview');
    // another charter, other members; what could not be read is told where it is asked for next
    if (this.#overview.charter.id !== id) await this.#fixed.checker.charters().catch(() => {});
    await this.draw();
    await this.lookAround();
  }

  /** What costs the node more to say than the rest: when the first content stands. */
  async lookAround() {
    /** @type {[NodeStatus, { readonly items: readonly import('./api.js').ReleaseCopies[] }]} */
    const [status, { items: releases }] = await Promise.all([get('status'), getAllAt('copies', 'releases')]);
    byId('node-line').replaceChildren(
      `as ${status.name} sees it · ${grouped(status.messages)} ${plural(status.messages, 'message', 'messages')} · federation `,
      element('code', { class: 'id', title: this.#overview.federation }, [this.#overview.federation]),
    );
    byId('digest').replaceChildren(status.recordDigest);
    const before = JSON.stringify([...this.#copies]);
    this.#copies = new Map(releases.map((each) => [each.release, copiesText(each)]));
    if (JSON.stringify([...this.#copies]) !== before && this.#place().name === HOME) await this.draw();
    return status;
  }
}

/** @param {Overview} overview */
function heading({ name, counts }) {
  document.title = `${name} · oversight network`;
  byId('federation-name').replaceChildren(name);
  const { findings } = counts;
  const finding = (/** @type {number} */ count) => plural(count, 'finding', 'findings');
  const open = findings.open + findings.disputed;
  /** @type {readonly (readonly [string, number])[]} */
  const numbers = [
    [`frontier ${plural(counts.frontierReleases, 'model', 'models')}`, counts.frontierReleases],
    [plural(counts.analogReleases, 'analog', 'analogs'), counts.analogReleases],
    [`${finding(findings.confirmed)} confirmed`, findings.confirmed],
    [`${finding(findings.refuted)} refuted`, findings.refuted],
    [`${finding(open)} open`, open],
    [plural(counts.members, 'member', 'members'), counts.members],
  ];
  byId('tally').replaceChildren(
    ...numbers.map(([text, value]) =>
      element('div', {}, [element('dt', {}, [text]), element('dd', {}, [grouped(value)])]),
    ),
  );
}

/** @param {unknown} error */
function showProblem(error) {
  const problem = byId('problem');
  problem.hidden = error === null;
  problem.textContent = error instanceof Error ? `The node cannot be read: ${error.message}` : '';
}

async function start() {
  /** @type {[Overview, import('./api.js').Wording, import('./api.js').OversightWording]} */
  const [overview, wording, oversight] = await Promise.all([
    get('overview'),
    get('wording'),
    get('oversight/wording'),
  ]);
  const page = new Page(overview, wording, oversight);
  addEventListener('hashchange', () => {
    page.go().then(() => showProblem(null), showProblem);
    byId('main').focus();
  });
  await page.go();
  const status = await page.lookAround();
  followEvents(byId('events'), firstCursor(status.lastEvent), {
    onEvent: () => page.refreshSoon(),
    onState: (state) => {
      const connection = byId('connection');
      connection.dataset['state'] = state;
      connection.textContent = state === 'live' ? 'live' : 'reconnecting';
    },
  });
}

start().catch(showProblem);
