import { ed25519 } from '@noble/curves/ed25519.js';
import { readCharter } from '../../../protocols/charter/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { charterDocumentOf } from '../federation.ts';
import { SMALL_ORDER, TORSION, times } from './ed25519.ts';

type Document = ReturnType<typeof charterDocumentOf>;

const small = (): Document => {
  const document = charterDocumentOf(['example-lab', 'verifier-north']);
  document.policy.verification.quorum = 1;
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

function withPolicy(policy: Record<string, unknown>): unknown {
  return changed((document) => void Object.assign(document.policy.verification, policy));
}

const ACCEPTED: Record<string, unknown> = {
  'eight-members': charterDocumentOf(),
  'two-members': small(),
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

export function buildCharter() {
  return {
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
