import type { ContentId, MemberKey, MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { draftProposal, foundingDocument } from '../../../protocols/charter/index.ts';
import { toBase64 } from '../../../protocols/codec/base64.ts';
import { publicKeys } from '../../../protocols/identity/derive.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import type { Member, OversightPolicy, Role } from '../../../protocols/kinds/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { Dossiers, oversightPolicyOf, type PolicyOf } from '../../../protocols/oversight/index.ts';
import { RecordFold } from '../../../protocols/record/index.ts';
import { nativeEd25519 } from '../../../services/keys/native-ed25519.ts';
import { Author, CHARTER_POLICY, charterOf, seedOf, signerOf } from '../federation.ts';
import { contentCid } from '../samples.ts';

const WITNESS = 'the-witness';
/** What the record does not check again: the witness's word rests on the witness. */
const SIGNATURE = `${'A'.repeat(86)}==`;

/** A federation whose one witness sees every message at once, so that established times are those the test names. */
export class World {
  readonly fold: RecordFold;
  readonly messages: Message[] = [];
  readonly #authors = new Map<string, Author>();
  readonly #members: readonly string[];

  /** @param kin of members that belong to another member's organisation, that member */
  constructor(
    members: Readonly<Record<string, readonly Role[]>>,
    policy?: OversightPolicy,
    kin: Readonly<Record<string, string>> = {},
  ) {
    const roles: Readonly<Record<string, readonly Role[]>> = { ...members, [WITNESS]: ['witness'] };
    this.#members = Object.keys(roles);
    const charter = charterOf(
      foundingDocument({
        name: 'A federation with a witness',
        nonce: '00112233445566778899aabbccddeeff',
        members: this.#members.map((name) => entryOf(name, roles[name] ?? [], kin[name] ?? name)),
        policy: {
          ...CHARTER_POLICY,
          verification: { ...CHARTER_POLICY.verification, quorum: 1 },
          witness: {
            outside: [],
            groups: [{ name: 'all-witnesses', threshold: 1, members: [WITNESS] }],
            quorum: 'all-witnesses',
          },
          ...(policy === undefined ? {} : { oversight: policy }),
        },
      }),
    );
    const { isAcceptableKey } = nativeEd25519();
    this.fold = new RecordFold(charter, isAcceptableKey === undefined ? {} : { isAcceptableKey });
    for (const name of this.#members) this.#authors.set(name, new Author(name, charter.id));
  }

  /** Says it, and has the witness see it. @param at milliseconds since 1970, in whole seconds */
  say(name: string, kind: string, body: PlainObject, at: number): MessageId {
    const { id } = this.sayUnseen(name, kind, body, at);
    this.see(name, at);
    return id;
  }

  sayUnseen(name: string, kind: string, body: PlainObject, at: number): Message {
    return this.#add(name, kind, body, at);
  }

  /** The witness cosigns the feed as it is. */
  see(name: string, at: number): void {
    const feed = this.keyOf(name);
    const tree = this.fold.tree(feed);
    if (tree === null) throw new TypeError(`${name} has said nothing`);
    const entry = {
      feed,
      size: tree.size,
      root: toBase64(tree.root()),
      head: SIGNATURE,
      witness: this.keyOf(WITNESS),
      time: at / 1_000,
      signature: SIGNATURE,
    };
    this.#add(WITNESS, 'cosignatures/1', { entries: [entry] }, at);
  }

  /** Another policy, with the consent of all. */
  amend(policy: OversightPolicy, at: number): void {
    const drafted = draftProposal(
      this.fold.charter(),
      [{ change: 'policy', section: 'oversight', value: policy }],
      { reason: 'as agreed', lengthOf: (key: MemberKey) => this.fold.tree(key)?.size ?? 0 },
    );
    if (!drafted.ok) throw new TypeError(drafted.detail);
    const { body } = drafted.value;
    const { version } = this.fold.charter().document;
    const [proposer = ''] = this.#members;
    const proposal = this.#add(proposer, 'charter-proposal/1', body as unknown as PlainObject, at).id;
    for (const name of this.#members)
      this.#add(name, 'charter-consent/1', { version: body.version, charter: body.charter, proposal }, at);
    if (this.fold.charter().document.version !== version + 1) throw new TypeError('not amended');
  }

  dossiers(): Dossiers {
    return new Dossiers(this.fold.record());
  }

  policyOf: PolicyOf = (version) => {
    const charter = this.fold.charters()[version] ?? this.fold.charter();
    return oversightPolicyOf(charter.document);
  };

  keyOf(name: string): MemberKey {
    return memberKey(signerOf(name).publicKey);
  }

  #add(name: string, kind: string, body: PlainObject, at: number): Message {
    const author = this.#authors.get(name);
    if (author === undefined) throw new TypeError(`${name} is no member`);
    const message = author.say(kind, body, at);
    this.messages.push(message);
    this.fold.add(message);
    return message;
  }
}

export function checkpointOf(name: string): { cid: ContentId; profile: string; sizeBytes: number } {
  return { cid: contentCid(name), profile: 'unixfs-v1-2025', sizeBytes: 1_000 };
}

function entryOf(name: string, roles: readonly Role[], kin: string): Member {
  return { name, organisation: `Organisation ${kin}`, roles: [...roles], keys: keysOf(name) };
}

/** Deriving takes milliseconds. */
const keys = new Map<string, Member['keys']>();

function keysOf(name: string): Member['keys'] {
  const known = keys.get(name) ?? (publicKeys(seedOf(name)) as Member['keys']);
  keys.set(name, known);
  return known;
}
