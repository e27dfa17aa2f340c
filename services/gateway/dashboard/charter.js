import { element, identifier, messageLink, table } from './dom.js';
import { moment } from './format.js';

/**
 * @typedef {import('./api.js').FederationView} FederationRecord
 * @typedef {FederationRecord['members'][number]['former'][number]} FormerKey
 */

/**
 * Where the charter stands: the version in force and those before, what is asked of the members, whose keys are gone.
 * @param {FederationRecord} record
 * @param {(key: string) => string} nameOf
 * @returns {readonly Node[]}
 */
export function renderCharter(record, nameOf) {
  const former = formerRows(record);
  return [
    versions(record.charter),
    ...record.proposals.map((proposal) => proposalCard(proposal, nameOf)),
    ...(former.length === 0 ? [] : [table('Former keys', ['Former key of', 'Key', 'Why', 'Counts'], former)]),
  ];
}

/** Newest first. @param {FederationRecord['charter']} charter */
function versions({ version: current, history }) {
  const rows = history
    .toReversed()
    .map(({ version, id, proposal }) => [
      element('span', {}, [
        element('strong', {}, [`Version ${version}`]),
        version === current ? element('span', { class: 'quiet' }, [' in force']) : null,
      ]),
      identifier(id),
      proposal === null ? 'the founding charter' : messageLink(proposal),
    ]);
  return table('Versions of the charter', ['Charter', 'Document', 'Proposal'], rows);
}

/** @param {FederationRecord['proposals'][number]} proposal @param {(key: string) => string} nameOf */
function proposalCard({ id, author, version, reason, consents, needed }, nameOf) {
  return element('article', { class: 'card proposal' }, [
    element('header', { class: 'card-head' }, [
      element('h3', {}, [`Proposed: version ${version}`]),
      element('span', { class: 'tag' }, [`${consents.length} of ${needed} consents`]),
    ]),
    element('p', {}, [reason]),
    element('p', { class: 'quiet' }, [
      `by ${nameOf(author)}; `,
      consents.length === 0 ? 'nobody has consented yet' : `consented: ${consents.join(', ')}`,
      ' · ',
      messageLink(id),
    ]),
  ]);
}

/** @param {FederationRecord} record */
function formerRows({ members, formerMembers }) {
  return [...members, ...formerMembers].flatMap(({ name, former }) =>
    former.map((each) => [name, identifier(each.key), why(each), counts(each)]),
  );
}

/** @param {FormerKey} former */
function why({ reason, compromisedAt }) {
  return compromisedAt === null ? reason : `in other hands since ${moment(compromisedAt)}`;
}

/** @param {FormerKey} former */
function counts({ last, feed }) {
  return last === null ? 'nothing' : `up to message ${last} (${feed.length} held)`;
}
