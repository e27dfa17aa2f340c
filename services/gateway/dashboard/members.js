import { element, table } from './dom.js';
import { grouped, moment } from './format.js';

/** @typedef {import('./api.js').FederationView} FederationRecord */

/** Members with their feeds, then the forks. @param {FederationRecord} record @returns {readonly Node[]} */
export function renderMembers({ members, forks }) {
  const rows = [...members].sort(byName).map((member) => [
    element('span', {}, [
      element('strong', { title: member.key }, [member.name]),
      element('span', { class: 'quiet block' }, [member.organisation]),
    ]),
    element(
      'span',
      { class: 'tags' },
      member.roles.map((role) => element('span', { class: 'tag' }, [role])),
    ),
    member.ratification === null ? element('span', { class: 'missing' }, ['not yet']) : 'yes',
    feedLength(member.feed),
    witnessed(member.feed),
  ]);
  const head = ['Member', 'Roles', 'Joined', 'Messages', 'Witnessed, last seen'];
  return [
    table('Members of the federation', head, rows),
    ...forks.map(({ name, at, key }) =>
      element('p', { class: 'problem fork', title: key }, [
        `${name} told two stories: both are signed for message ${at} of its feed, so nothing from there on counts.`,
      ]),
    ),
  ];
}

/** How much of a feed enough witnesses have seen. @param {FederationRecord['members'][number]['feed']} feed */
function witnessed({ witnessed: seen }) {
  if (seen === null) return element('span', { class: 'quiet' }, ['none']);
  return element('span', {}, [
    grouped(seen.size),
    element('span', { class: 'quiet block' }, [moment(seen.established)]),
  ]);
}

/** @param {FederationRecord['members'][number]['feed']} feed */
function feedLength({ length, stop }) {
  if (stop === null) return grouped(length);
  const why =
    stop.reason === 'fork'
      ? 'two messages signed for one place'
      : 'a message that does not follow the one before';
  return element('span', { class: 'missing' }, [`${grouped(length)}; stopped at ${stop.at}: ${why}`]);
}

/** @param {{ readonly name: string }} a @param {{ readonly name: string }} b */
function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}
