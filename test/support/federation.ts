import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { type Charter, foundingDocument, readGenesis } from '../../protocols/charter/index.ts';
import { deriveKey, publicKeys } from '../../protocols/identity/derive.ts';
import { signingPublicKey } from '../../protocols/identity/ed25519.ts';
import {
  type CharterDocument,
  type CharterPolicy,
  checkBody,
  type Member,
  type Role,
} from '../../protocols/kinds/index.ts';
import { type Message, type OpenContext, type Signer, seal } from '../../protocols/message/index.ts';
import { nativeEd25519 } from '../../services/keys/native-ed25519.ts';

/** A federation with two verifiers in one organisation and one in the academics' own, for the quorum cases. */
export const MEMBERS = {
  'example-lab': { organisation: 'Example Lab', roles: ['lab'] },
  'example-academy': { organisation: 'Example University', roles: ['academic'] },
  'example-regulator': { organisation: 'Example Agency', roles: ['regulator'] },
  'verifier-north': { organisation: 'North', roles: ['verifier'] },
  'verifier-south': { organisation: 'South', roles: ['verifier'] },
  'verifier-north-2': { organisation: 'North', roles: ['verifier'] },
  'verifier-campus': { organisation: 'Example University', roles: ['verifier'] },
  'example-observer': { organisation: 'Example Watch', roles: ['observer'] },
} as const satisfies Record<string, { organisation: string; roles: readonly Role[] }>;
export type MemberName = keyof typeof MEMBERS;
export const MEMBER_NAMES = Object.keys(MEMBERS) as readonly MemberName[];

const native = nativeEd25519();

/** The node seed of a made-up member: never used outside tests and vectors. */
export function seedOf(name: string): Uint8Array {
  return sha256(utf8(`analog-oversight test member ${name}`));
}

/** Deriving a public key takes tweetnacl milliseconds, and random tests have thousands of authors of a few names. */
const signers = new Map<string, Signer>();

export function signerOf(name: string): Signer {
  const known = signers.get(name);
  if (known !== undefined) return known;
  const seed = deriveKey(seedOf(name), 'signing');
  const signer = { seed, publicKey: signingPublicKey(seed), ed25519: native };
  signers.set(name, signer);
  return signer;
}

/** More than half amends; two organisations settle a finding; nobody witnesses. */
export const CHARTER_POLICY: CharterPolicy = {
  amendment: { consentPpm: 500_000 },
  verification: { quorum: 2, alphaPpm: 50_000, controls: 2 },
  witness: { outside: [], groups: [], quorum: null },
  quotas: { messagesPerHour: 36_000, burst: 20_000, bytesPerHour: 1_073_741_824 },
};

/** A member's entry. @param key whose seed it holds; another than the name's once the key has been rotated */
export function entryOf(name: MemberName, key: string = name): Member {
  const { organisation, roles } = MEMBERS[name];
  return { name, organisation, roles: [...roles], keys: keysOf(key) };
}

/** Deriving takes milliseconds; random histories need the keys of a few names thousands of times. */
const keys = new Map<string, Member['keys']>();

function keysOf(name: string): Member['keys'] {
  const known = keys.get(name) ?? (publicKeys(seedOf(name)) as Member['keys']);
  keys.set(name, known);
  return { ...known };
}

export function charterDocumentOf(names: readonly MemberName[] = MEMBER_NAMES): CharterDocument {
  return foundingDocument({
    name: 'Example federation',
    nonce: '00112233445566778899aabbccddeeff',
    members: names.map((name) => entryOf(name)),
    policy: structuredClone(CHARTER_POLICY),
  });
}

export function charterOf(document: unknown = charterDocumentOf()): Charter {
  const charter = readGenesis(document, native);
  if (!charter.ok) throw new TypeError(`the test charter was refused: ${charter.reason} ${charter.detail}`);
  return charter.value;
}

export function contextOf(federation: FederationId): OpenContext {
  return { federation, ed25519: native, checkBody };
}

/** One member writing its feed, message after message. */
export class Author {
  readonly signer: Signer;
  readonly #federation: FederationId;
  #sequence = 0;
  #previous: MessageId | null = null;

  /** @param who the name of a made-up member, or the signer of a real one */
  constructor(who: string | Signer, federation: FederationId) {
    this.signer = typeof who === 'string' ? signerOf(who) : who;
    this.#federation = federation;
  }

  say(kind: string, body: PlainObject, issuedAt = 1_790_000_000_000): Message {
    const message = this.branch(kind, body, issuedAt);
    this.#sequence += 1;
    this.#previous = message.id;
    return message;
  }

  /** Signs the next message without taking the step: a second one at the same sequence is a fork. */
  branch(kind: string, body: PlainObject, issuedAt = 1_790_000_000_000): Message {
    return seal(
      {
        federation: this.#federation,
        sequence: this.#sequence,
        previous: this.#previous,
        issuedAt,
        kind,
        body,
      },
      this.signer,
    );
  }
}
