import { describe, expect, it } from 'vitest';
import { authorize } from '../../../protocols/charter/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { KINDS, type Kind } from '../../../protocols/kinds/index.ts';
import { charterOf, MEMBER_NAMES, MEMBERS, type MemberName, signerOf } from '../../support/federation.ts';

const charter = charterOf();
const keyOf = (name: string) => memberKey(signerOf(name).publicKey);

const VERIFIERS = ['verifier-north', 'verifier-south', 'verifier-north-2', 'verifier-campus'] as const;

/** Who may say what, written out: the registry is not asked. */
const ALLOWED: Readonly<Record<Kind, readonly MemberName[]>> = {
  'charter/1': MEMBER_NAMES,
  'charter-proposal/1': MEMBER_NAMES,
  'charter-consent/1': MEMBER_NAMES,
  'cosignatures/1': MEMBER_NAMES,
  'fork-proof/1': MEMBER_NAMES,
  'member-card/1': MEMBER_NAMES,
  'pin/1': MEMBER_NAMES,
  'pin-check/1': MEMBER_NAMES,
  'frontier-release/1': ['example-lab'],
  'analog-release/1': ['example-lab'],
  'finding/1': ['example-lab', 'example-academy'],
  'verdict/1': VERIFIERS,
  'inspection/1': ['example-regulator', ...VERIFIERS],
  'security-evaluation/1': ['example-lab', 'example-academy', 'example-regulator', ...VERIFIERS],
  'compliance-report/1': ['example-lab'],
  'determination/1': ['example-regulator'],
  'notice-of-non-compliance/1': ['example-regulator'],
  'penalty/1': ['example-regulator'],
  'withdrawal/1': ['example-regulator'],
  'extension/1': ['example-regulator'],
  'audit-attestation/1': ['example-academy', 'example-regulator'],
  'guidance/1': ['example-regulator'],
  'information-request/1': ['example-regulator'],
  'reply/1': ['example-lab'],
  'cure/1': ['example-lab'],
  'advisory/1': ['example-lab', 'example-academy', 'example-regulator', ...VERIFIERS],
  'supersession/1': ['example-lab', 'example-academy'],
  'disclosure/1': ['example-lab', 'example-academy', 'example-regulator', ...VERIFIERS],
};

describe('authorize', () => {
  const cases = MEMBER_NAMES.flatMap((name) =>
    (Object.keys(KINDS) as Kind[]).map((kind) => ({ name, kind, allowed: ALLOWED[kind].includes(name) })),
  );

  it.each(cases)('$name, $kind: $allowed', ({ name, kind, allowed }) => {
    const result = authorize(charter, keyOf(name), kind);
    expect(result).toMatchObject(
      allowed ? { ok: true, value: { name } } : { ok: false, reason: 'role-may-not' },
    );
  });

  it('lets every member say an unknown kind', () => {
    for (const name of MEMBER_NAMES) expect(authorize(charter, keyOf(name), 'later/1').ok).toBe(true);
  });

  it('refuses an author outside the charter, whatever the kind', () => {
    for (const kind of [...Object.keys(KINDS), 'later/1'])
      expect(authorize(charter, keyOf('a stranger'), kind)).toMatchObject({ reason: 'not-a-member' });
  });

  it('adds up the roles of a member that has several', () => {
    const members = charter.document.members.map((member) =>
      member.name === 'verifier-south' ? { ...member, roles: ['verifier', 'lab'] } : member,
    );
    const both = charterOf({ ...charter.document, members });
    for (const kind of ['verdict/1', 'frontier-release/1'])
      expect(authorize(both, keyOf('verifier-south'), kind).ok).toBe(true);
    expect(MEMBERS['verifier-south'].roles).toEqual(['verifier']);
  });

  it('does not take a kind for known because every object has it', () => {
    expect(authorize(charter, keyOf('example-observer'), 'constructor').ok).toBe(true);
  });
});
