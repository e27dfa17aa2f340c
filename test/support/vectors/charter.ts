import { ed25519 } from '@noble/curves/ed25519.js';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import {
  applyChanges,
  authorize,
  type Charter,
  findBreach,
  readCharter,
  readGenesis,
  readProposal,
} from '../../../protocols/charter/index.ts';
import { documentName } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import {
  type CharterChange,
  type CharterProposalBody,
  type CharterWitnessPolicy,
  type Former,
  KINDS,
} from '../../../protocols/kinds/index.ts';
import { charterDocumentOf, charterOf, entryOf, type MemberName } from '../federation.ts';
import { SMALL_ORDER, TORSION, times } from './ed25519.ts';

type Document = ReturnType<typeof charterDocumentOf>;

const small = (): Document => {
  const document = charterDocumentOf(['example-lab', 'verifier-north']);
  document.policy.verification.quorum = 1;
  document.policy.amendment.consentPpm = 1_000_000;
  return document;
};

/** A copy with one change: the document is plain data. */
function changed(change: (document: Document) => unknown): unknown {
  const document = structuredClone(small());
  return change(document) ?? document;
}

function withMember(change: (member: Document['members'][number]) => unknown): unknown {
  return changed((document) => void change(document.members[0] as Document['members'][number]));
}

function formerOf(name: MemberName): Former {
  const { organisation, keys } = entryOf(name);
  return { name, organisation, key: keys.signing, last: 3, reason: 'removed' };
}

/** The lab alone is a witness. */
function withWitnesses(groups: CharterWitnessPolicy['groups']): unknown {
  return changed((document) => {
    document.members[0]?.roles.push('witness');
    document.policy.witness.groups = groups;
  });
}

function withPolicy(policy: Record<string, unknown>): unknown {
  return changed((document) => void Object.assign(document.policy.verification, policy));
}

const ACCEPTED: Record<string, unknown> = {
  'eight-members': charterDocumentOf(),
  'two-members': small(),
  'a-later-version': changed((document) => ({
    ...document,
    version: 3,
    previous: charterOf().id,
    former: [
      formerOf('verifier-south'),
      { ...formerOf('example-academy'), reason: 'compromised', compromisedAt: 1 },
    ],
  })),
  'groups-of-witnesses': changed((document) => {
    document.members[0]?.roles.push('witness');
    document.policy.witness = {
      outside: [
        {
          name: 'outside-witness',
          key: entryOf('example-observer').keys.signing,
          keyName: 'witness.example/w1',
          url: 'https://witness.example/',
        },
      ],
      groups: [
        { name: 'labs', threshold: 1, members: ['example-lab'] },
        { name: 'all', threshold: 2, members: ['labs', 'outside-witness'] },
      ],
      quorum: 'all',
    };
  }),
  'unknown-fields': changed((document) => ({ ...document, motto: 'é', more: [1, null, true] })),
  'unknown-fields-of-keys': changed((document) => {
    for (const member of document.members) Object.assign(member.keys, { note: 'the same for all' });
  }),
};

const torsionKey = memberKey(times(ed25519.Point.BASE, 7n).add(TORSION).toBytes());

const REFUSED: Record<string, unknown> = {
  'not-a-map': [],
  'with-a-fraction': changed((document) => ({ ...document, weight: 0.5 })),
  'version-2': changed((document) => ({ ...document, v: 2 })),
  'no-members': changed((document) => ({ ...document, members: [] })),
  'nonce-short': changed((document) => ({ ...document, nonce: '00' })),
  'nonce-in-capitals': changed((document) => ({ ...document, nonce: 'AA'.repeat(16) })),
  'first-with-a-previous': changed((document) => ({ ...document, previous: charterOf().id })),
  'later-without-a-previous': changed((document) => ({ ...document, version: 1 })),
  'former-key-still-current': changed((document) => ({
    ...document,
    former: [formerOf('verifier-north')],
  })),
  'former-key-twice': changed((document) => ({
    ...document,
    former: [formerOf('verifier-south'), formerOf('verifier-south')],
  })),
  'compromised-without-a-date': changed((document) => ({
    ...document,
    former: [{ ...formerOf('verifier-south'), reason: 'compromised' }],
  })),
  'consent-of-less-than-half': changed((document) => {
    document.policy.amendment.consentPpm = 499_999;
  }),
  'group-of-a-member-that-is-no-witness': withWitnesses([
    { name: 'all', threshold: 1, members: ['verifier-north'] },
  ]),
  'group-before-it-stands': withWitnesses([
    { name: 'outer', threshold: 1, members: ['inner'] },
    { name: 'inner', threshold: 1, members: ['example-lab'] },
  ]),
  'group-over-its-members': withWitnesses([{ name: 'all', threshold: 2, members: ['example-lab'] }]),
  'group-with-the-name-of-a-member': withWitnesses([
    { name: 'example-lab', threshold: 1, members: ['example-lab'] },
  ]),
  'witness-quorum-of-no-group': changed((document) => {
    document.policy.witness.quorum = 'example-lab';
  }),
  'no-policy': changed((document) => ({ ...document, policy: {} })),
  'quorum-zero': withPolicy({ quorum: 0 }),
  'quorum-above-the-verifiers': withPolicy({ quorum: 2 }),
  'alpha-zero': withPolicy({ alphaPpm: 0 }),
  'alpha-over-a-tenth': withPolicy({ alphaPpm: 100_001 }),
  'no-controls': withPolicy({ controls: 0 }),
  'role-unknown': withMember((member) => Object.assign(member, { roles: ['owner'] })),
  'no-roles': withMember((member) => Object.assign(member, { roles: [] })),
  'name-with-a-space': withMember((member) => Object.assign(member, { name: 'example lab' })),
  'organisation-empty': withMember((member) => Object.assign(member, { organisation: '' })),
  'two-members-of-one-name': withMember((member) => Object.assign(member, { name: 'verifier-north' })),
  'one-key-twice': withMember((member) => Object.assign(member.keys, { nats: member.keys.libp2p })),
  'sealing-key-of-another-type': withMember((member) =>
    Object.assign(member.keys, { sealing: member.keys.libp2p }),
  ),
  'signing-key-of-small-order': withMember((member) =>
    Object.assign(member.keys, { signing: memberKey(SMALL_ORDER[1] as Uint8Array) }),
  ),
  'signing-key-with-torsion': withMember((member) => Object.assign(member.keys, { signing: torsionKey })),
  'signing-key-not-a-point': withMember((member) =>
    Object.assign(member.keys, {
      signing: memberKey(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 2 : 0))),
    }),
  ),
};

/** What one member may propose of another version: from the charter of two, who both must consent. */
interface Amendment {
  readonly changes: readonly CharterChange[];
  readonly since: readonly number[];
  /** Where it is not what follows from the changes. */
  readonly said?: Partial<CharterProposalBody>;
}

const [LAB, NORTH] = [entryOf('example-lab'), entryOf('verifier-north')];
const newLab = entryOf('example-lab', 'example-lab, second key');
const gone = (name: MemberName, more: Partial<Former> = {}): CharterChange => ({
  change: 'former',
  former: { ...formerOf(name), ...more } as Former,
});

const AMENDMENTS: Record<string, Amendment> = {
  'nothing-but-the-version': { changes: [], since: [0, 0] },
  'a-member-more': {
    changes: [{ change: 'member', member: entryOf('example-academy') }],
    since: [4, 7, 0],
  },
  'a-member-less': {
    changes: [
      { change: 'remove-member', name: 'example-lab' },
      gone('example-lab', { last: null }),
      { change: 'name', name: 'Without the lab' },
    ],
    since: [7],
  },
  'a-key-rotated': {
    changes: [{ change: 'member', member: newLab }, gone('example-lab', { reason: 'rotated' })],
    since: [0, 7],
  },
  'a-key-compromised': {
    changes: [
      { change: 'member', member: newLab },
      gone('example-lab', { reason: 'compromised', compromisedAt: 1_790_000_000_000 }),
    ],
    since: [0, 7],
  },
  'other-roles-and-policy': {
    changes: [
      { change: 'member', member: { ...LAB, roles: ['lab', 'witness'] } },
      { change: 'policy', section: 'amendment', value: { consentPpm: 600_000 } },
    ],
    since: [5, 7],
  },
  'of-another-version': { changes: [], since: [0, 0], said: { version: 2 } },
  'of-another-charter': { changes: [], since: [0, 0], said: { previous: charterOf().id } },
  'since-too-few': { changes: [], since: [0] },
  'since-too-many': { changes: [], since: [0, 0, 0] },
  'since-of-a-new-key': {
    changes: [{ change: 'member', member: entryOf('example-academy') }],
    since: [0, 0, 1],
  },
  'says-another-document': { changes: [], since: [0, 0], said: { charter: charterOf().id } },
  'goes-without-an-entry': { changes: [{ change: 'remove-member', name: 'example-lab' }], since: [0] },
  'entry-of-a-stranger': { changes: [gone('verifier-south')], since: [0, 0] },
  'entry-under-another-name': {
    changes: [{ change: 'remove-member', name: 'example-lab' }, gone('example-lab', { name: 'other-lab' })],
    since: [0],
  },
  'key-moves-to-another-name': {
    changes: [
      { change: 'remove-member', name: 'example-lab' },
      { change: 'member', member: { ...LAB, name: 'other-lab' } },
    ],
    since: [0, 0],
  },
  'keys-changed-in-part': {
    changes: [{ change: 'member', member: { ...LAB, keys: { ...LAB.keys, libp2p: newLab.keys.libp2p } } }],
    since: [0, 0],
  },
  'keys-kept-in-part': {
    changes: [
      { change: 'member', member: { ...newLab, keys: { ...newLab.keys, libp2p: LAB.keys.libp2p } } },
      gone('example-lab'),
    ],
    since: [0, 0],
  },
  'leaves-nobody': {
    changes: [
      { change: 'remove-member', name: 'example-lab' },
      { change: 'remove-member', name: 'verifier-north' },
      gone('example-lab'),
      gone('verifier-north'),
    ],
    since: [0],
  },
  'policy-malformed': {
    changes: [{ change: 'policy', section: 'verification', value: { quorum: 1 } }],
    since: [0, 0],
  },
};

/** Amendments of a charter that has former keys: what may still be said of them. */
const LATER: Record<string, Amendment> = {
  'former-key-again': {
    changes: [
      { change: 'member', member: NORTH },
      { change: 'member', member: { ...LAB, name: 'again' } },
    ],
    since: [0, 0, 0],
  },
  'back-under-its-name': { changes: [{ change: 'member', member: newLab }], since: [0, 0] },
  'former-counts-for-less': { changes: [gone('example-lab', { last: 2 })], since: [0] },
  'former-counts-for-more': { changes: [gone('example-lab', { last: 4 })], since: [0] },
  'former-found-compromised': {
    changes: [gone('example-lab', { reason: 'compromised', compromisedAt: 5 })],
    since: [0],
  },
  'former-for-another-reason': { changes: [gone('example-lab', { reason: 'rotated' })], since: [0] },
};

function outcomeOf(previous: Charter, { changes, since, said = {} }: Amendment) {
  const draft = { changes: [...changes], since: [...since] };
  const proposal: CharterProposalBody = {
    version: previous.document.version + 1,
    previous: previous.id,
    charter: documentName(encode(applyChanges(previous, draft))) as FederationId,
    ...draft,
    reason: 'an example',
    ...said,
  };
  return { proposal, read: readProposal(previous, proposal) };
}

function buildAmendments(first: Charter) {
  const removed = outcomeOf(first, {
    changes: [{ change: 'remove-member', name: 'example-lab' }, gone('example-lab')],
    since: [0],
  }).read;
  if (!removed.ok) throw new TypeError(`refused: ${removed.detail}`);
  const cases = (previous: Charter, amendments: Record<string, Amendment>) =>
    Object.entries(amendments).map(([id, amendment]) => {
      const { proposal, read } = outcomeOf(previous, amendment);
      const outcome = read.ok ? { charter: read.value.id } : { refusal: read.reason };
      return { id, previous: previous.document, proposal, ...outcome };
    });
  return [...cases(first, AMENDMENTS), ...cases(removed.value, LATER)];
}

/** Each kind, by a member whose role it is, by one whose it is not, and by a stranger. spec 06-charter §4 */
function buildAuthority() {
  const charter = charterOf();
  const stranger = memberKey(times(ed25519.Point.BASE, 7n).toBytes());
  const asked: [string, MemberKey, string][] = [...Object.keys(KINDS), 'something-new/7'].flatMap((kind) => [
    ...charter.document.members
      .filter(({ name }) => !name.endsWith('-2'))
      .map(({ name, keys }): [string, MemberKey, string] => [name, keys.signing, kind]),
    ['a-stranger', stranger, kind],
  ]);
  return asked.map(([name, author, kind]) => {
    const answer = authorize(charter, author, kind);
    const outcome = answer.ok ? { name: answer.value.name } : { refusal: answer.reason };
    return { id: `${name}-${kind.replace('/', '-')}`, author, kind, ...outcome };
  });
}

/** Two versions side by side: what no list of changes can do. spec 06-charter §5 */
function buildSuccessions() {
  const previous = charterOf(small()).document;
  const next = { ...previous, version: 1, previous: charterOf(small()).id };
  const cases = { 'the-same-members': next, 'another-nonce': { ...next, nonce: 'ff'.repeat(16) } };
  return Object.entries(cases).map(([id, document]) => {
    const breach = findBreach(previous, document);
    return { id, previous, next: document, refusal: breach?.reason ?? null };
  });
}

/** What is read as a version, and is not the first. spec 06-charter §3.3 */
function buildNotFirst() {
  const first = charterOf(small());
  const later = {
    'a-later-version': { ...first.document, version: 1, previous: first.id },
    'governing-from-later': changed((document) => {
      for (const member of document.members) Object.assign(member, { since: 1 });
    }),
  };
  return Object.entries(later).map(([id, document]) => {
    const read = readGenesis(document);
    if (read.ok) throw new TypeError(`accepted: ${id}`);
    return { id, document, refusal: read.reason };
  });
}

export function buildCharter() {
  return {
    authorityOf: charterOf().document,
    authority: buildAuthority(),
    successions: buildSuccessions(),
    notFirst: buildNotFirst(),
    amendments: buildAmendments(charterOf(small())),
    accepted: Object.entries(ACCEPTED).map(([id, document]) => {
      const charter = readCharter(document);
      if (!charter.ok) throw new TypeError(`refused: ${id}: ${charter.detail}`);
      return { id, document, federation: charter.value.id };
    }),
    refused: Object.entries(REFUSED).map(([id, document]) => {
      const charter = readCharter(document);
      if (charter.ok) throw new TypeError(`accepted: ${id}`);
      return { id, document, refusal: charter.reason };
    }),
  };
}
