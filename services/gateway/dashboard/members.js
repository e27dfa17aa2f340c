import { element, table } from './dom.js';
import { grouped } from './format.js';

/** @param {import('./api.js').FederationRecord} record */
export function renderMembers({ members }) {
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
  ]);
  return table('Members of the federation', ['Member', 'Roles', 'Joined', 'Messages'], rows);
}

/** @param {import('./api.js').FederationRecord['members'][number]['feed']} feed */
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
