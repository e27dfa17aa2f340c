import { fetchCopies, fetchRecord, fetchStatus, fetchWording } from './api.js';
import { renderCharter } from './charter.js';
import { byId, element } from './dom.js';
import { firstCursor, followEvents } from './events.js';
import { renderFindings } from './findings.js';
import { grouped } from './format.js';
import { renderMembers } from './members.js';
import { renderReleases } from './releases.js';

/** Events come in bursts; one look at the record serves them all. */
const REFRESH_DELAY_MS = 150;

/** @typedef {import('./api.js').FederationRecord} FederationRecord */

/** @param {import('./api.js').Wording} wording */
async function refresh(wording) {
  const [{ record, digest }, status, { releases: copies }] = await Promise.all([
    fetchRecord(),
    fetchStatus(),
    fetchCopies(),
  ]);
  /** @type {Map<string, string>} */
  const names = new Map(record.members.map(({ key, name }) => [key, name]));
  for (const { name, former } of [...record.members, ...record.formerMembers])
    for (const { key } of former) names.set(key, name);
  const nameOf = (/** @type {string} */ key) => names.get(key) ?? key;
  document.title = `${record.name} · oversight network`;
  byId('federation-name').replaceChildren(record.name);
  byId('node-line').replaceChildren(
    `as ${status.name} sees it · federation `,
    element('code', { class: 'id', title: record.federation }, [record.federation]),
  );
  byId('digest').replaceChildren(digest);
  byId('tally').replaceChildren(...renderTally(record, status.messages));
  byId('releases').replaceChildren(...renderReleases(record, nameOf, copies));
  replaceKeepingOpen(byId('findings'), renderFindings(record, nameOf, wording));
  byId('members').replaceChildren(...renderMembers(record));
  byId('charter').replaceChildren(...renderCharter(record, nameOf));
}

/** @param {FederationRecord} record @param {number} messages */
function renderTally(record, messages) {
  const count = (/** @type {string} */ standing) =>
    record.findings.filter((finding) => finding.standing === standing).length;
  /** @type {readonly (readonly [string, number])[]} */
  const numbers = [
    ['frontier models', record.frontierReleases.length],
    ['analogs', record.analogReleases.length],
    ['findings confirmed', count('confirmed')],
    ['findings refuted', count('refuted')],
    ['findings open', count('open') + count('disputed')],
    ['messages', messages],
  ];
  return numbers.map(([name, value]) =>
    element('div', {}, [element('dt', {}, [name]), element('dd', {}, [grouped(value)])]),
  );
}

/** A reader's opened details stay open over a refresh. @param {HTMLElement} parent @param {readonly Node[]} children */
function replaceKeepingOpen(parent, children) {
  const open = new Set(
    [...parent.querySelectorAll('details[open]')].map((each) => each.getAttribute('data-key')),
  );
  parent.replaceChildren(...children);
  for (const each of parent.querySelectorAll('details')) each.open = open.has(each.getAttribute('data-key'));
}

/** @param {unknown} error */
function showProblem(error) {
  const problem = byId('problem');
  problem.hidden = error === null;
  problem.textContent = error instanceof Error ? `The node cannot be read: ${error.message}` : '';
}

async function start() {
  const [wording, status] = await Promise.all([fetchWording(), fetchStatus()]);
  let pending = false;
  const refreshSoon = () => {
    if (pending) return;
    pending = true;
    setTimeout(() => {
      pending = false;
      refresh(wording).then(() => showProblem(null), showProblem);
    }, REFRESH_DELAY_MS);
  };
  await refresh(wording);
  followEvents(byId('events'), firstCursor(status.lastEvent), {
    onEvent: refreshSoon,
    onState: (state) => {
      const connection = byId('connection');
      connection.dataset['state'] = state;
      connection.textContent = state === 'live' ? 'live' : 'reconnecting';
    },
  });
}

start().catch(showProblem);
