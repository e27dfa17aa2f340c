import { sha256 } from '@noble/hashes/sha2.js';
import type { MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import {
  type Charter,
  type Drafted,
  draftProposal,
  foundingDocument,
  removal,
  rotation,
} from '../../protocols/charter/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import type { CharterChange, CharterMember, Role } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { RecordFold } from '../../protocols/record/index.ts';
import { nativeEd25519 } from '../../services/keys/native-ed25519.ts';
import {
  Author,
  CHARTER_POLICY,
  charterOf,
  entryOf,
  MEMBER_NAMES,
  type MemberName,
  signerOf,
} from './federation.ts';
import {
  analogBody,
  type Cells,
  cardBody,
  charterBody,
  claimOf,
  count,
  findingBody,
  frontierBody,
  pinBody,
  pinCheckBody,
  rerunOf,
  TRIGGER,
  verdictBody,
} from './samples.ts';
import { pickBelow } from './seed.ts';

const FOUNDERS = [
  'example-lab',
  'example-academy',
  'example-regulator',
  'verifier-north',
  'verifier-south',
] as const;
const OUTSIDE = memberKey(signerOf('a witness outside').publicKey);
const CLAIM = claimOf({ counts: [count('baseline', TRIGGER, 90, 90), count('treated', TRIGGER, 0, 90)] });
const FAITHFUL: { effect: Cells; control: Cells; gate: Cells } = {
  effect: [0, 90, 0, 0],
  control: [0, 88, 0, 2],
  gate: [90, 0, 0, 0],
};
/** Around this time, in seconds, all of it happens. */
const DAY = 1_790_000_000;

/** Five founders, three of whom witness beside one outside; two of four must. */
export function governedCharter(): Charter {
  const witnesses: readonly string[] = ['example-lab', 'example-academy', 'example-regulator'];
  return charterOf(
    foundingDocument({
      name: 'A federation that changes',
      nonce: '00112233445566778899aabbccddeeff',
      members: FOUNDERS.map((name) => {
        const entry = entryOf(name);
        return witnesses.includes(name) ? { ...entry, roles: [...entry.roles, 'witness'] } : entry;
      }),
      policy: {
        ...CHARTER_POLICY,
        verification: { ...CHARTER_POLICY.verification, quorum: 1 },
        witness: {
          outside: [
            { name: 'outside', key: OUTSIDE, keyName: 'witness.example', url: 'https://witness.example/' },
          ],
          groups: [{ name: 'two', threshold: 2, members: [...witnesses, 'outside'] }],
          quorum: 'two',
        },
      },
    }),
  );
}

/** Weighted by repetition: mostly what a federation does all day, often what changes it, now and then a lie. */
const DEEDS = [
  ...(['join', 'card', 'frontier', 'frontier', 'analog', 'finding', 'finding', 'finding'] as const),
  ...(['verdict', 'verdict', 'verdict', 'verdict', 'verdict', 'verdict', 'unknown', 'unknown'] as const),
  ...([
    'witness',
    'witness',
    'witness',
    'witness',
    'witness',
    'witness',
    'witness',
    'false-witness',
  ] as const),
  ...(['amend', 'amend', 'amend', 'amend', 'amend', 'consent-again', 'speak-with-an-old-key'] as const),
  ...(['lie', 'lie'] as const),
  ...(['pin', 'pin', 'check', 'check', 'check'] as const),
] as const;
type Deed = (typeof DEEDS)[number];
const LIES = ['fork', 'sign-twice', 'prove-fork', 'gap', 'other-branch'] as const;

/**
 * A made-up history of a federation that changes its charter, in the order in which it was written. It follows what a
 * reader of everything would see; who may do what is asked seldom, so messages without authority are part of it.
 */
export function playGoverned(charter: Charter, length: number, random: () => number): Message[] {
  return new World(charter, random).play(length);
}

/** Keys are checked once for all histories: a fold would check them at a millisecond each. */
export const SHARED = { isAcceptableKey: nativeEd25519().isAcceptableKey as (key: Uint8Array) => boolean };

class World {
  readonly #random: () => number;
  readonly #federation: Charter['id'];
  /** Who reads everything at once. */
  readonly #reader: RecordFold;
  /** By the name of the key's seed. */
  readonly #authors = new Map<string, Author>();
  /** The seeds that each member has had. */
  readonly #seeds = new Map<string, string[]>();
  readonly #messages: Message[] = [];
  readonly #frontiers: MessageId[] = [];
  readonly #findings: MessageId[] = [];
  readonly #pins: MessageId[] = [];
  readonly #drafts: { readonly drafted: Drafted; readonly id: MessageId }[] = [];
  #time = 0;

  constructor(charter: Charter, random: () => number) {
    this.#random = random;
    this.#federation = charter.id;
    this.#reader = new RecordFold(charter, SHARED);
    for (const name of FOUNDERS) this.#seeds.set(name, [name]);
  }

  play(length: number): Message[] {
    for (let i = 0; i < length; i++) {
      this.#time += pickBelow(this.#random, 3);
      this.#do(this.#any(DEEDS), this.#anyName());
    }
    return this.#messages;
  }

  #do(deed: Deed | (typeof LIES)[number], name: string): void {
    switch (deed) {
      case 'join':
        this.#say(name, 'charter/1', charterBody(this.#federation));
        break;
      case 'card':
        this.#say(name, 'member-card/1', cardBody(`card ${this.#time}`));
        break;
      case 'frontier':
        this.#say(
          this.#likely('example-lab', name),
          'frontier-release/1',
          frontierBody(`model ${this.#time}`),
        );
        this.#frontiers.push(this.#last().id);
        break;
      case 'analog':
        if (this.#frontiers.length > 0)
          this.#say(
            this.#likely('example-lab', name),
            'analog-release/1',
            analogBody(this.#any(this.#frontiers)),
          );
        break;
      case 'finding':
        this.#say(
          this.#likely('example-academy', name),
          'finding/1',
          findingBody(`finding ${this.#time}`, CLAIM),
        );
        this.#findings.push(this.#last().id);
        break;
      case 'verdict':
        this.#judge(name);
        break;
      case 'pin':
        this.#say(name, 'pin/1', pinBody(`checkpoint ${pickBelow(this.#random, 2)}`, this.#until()));
        this.#pins.push(this.#last().id);
        break;
      case 'check':
        this.#check(name);
        break;
      case 'unknown':
        this.#say(name, 'something-new/2', { n: this.#time });
        break;
      case 'witness':
      case 'false-witness':
        this.#witness(name, deed === 'false-witness');
        break;
      case 'amend':
        this.#amend(name);
        break;
      case 'consent-again':
        this.#consentAgain(name);
        break;
      case 'speak-with-an-old-key': {
        const seeds = this.#seeds.get(name) ?? [name];
        this.#sayAs(this.#any(seeds), 'something-new/2', { old: this.#time });
        break;
      }
      case 'lie':
        this.#do(this.#any(LIES), name);
        break;
      case 'other-branch': {
        const other = new Author(this.#seedOf(name), this.#federation);
        // as often as not where the feed ends, so that it breaks the chain instead of forking it
        const held = this.#reader.tree(this.#keyOf(name))?.size ?? 0;
        const length = pickBelow(this.#random, 2) === 0 ? held : pickBelow(this.#random, 4);
        for (let i = 0; i < length; i++) other.say('something-new/2', { other: i });
        this.#keep(other.say('something-new/2', { stray: this.#time }));
        break;
      }
      case 'fork':
        this.#keep(this.#authorOf(name).branch('something-new/2', { fork: this.#time }));
        this.#say(name, 'something-new/2', { n: this.#time });
        break;
      case 'sign-twice':
        this.#say(name, 'something-new/2', { n: this.#time });
        this.#keep(signedAgain(this.#last()));
        break;
      case 'prove-fork':
        this.#proveFork(name);
        break;
      case 'gap':
        this.#authorOf(name).say('something-new/2', { lost: this.#time });
        break;
    }
  }

  /** Seldom null: the promise is taken back. */
  #until(): number | null {
    return pickBelow(this.#random, 4) === 0 ? null : (DAY + pickBelow(this.#random, 60)) * 1_000;
  }

  #check(name: string): void {
    if (this.#pins.length === 0) return;
    const entries = Array.from({ length: 1 + pickBelow(this.#random, 3) }, () => {
      const fails = pickBelow(this.#random, 3) === 0;
      return {
        pin: this.#any(this.#pins),
        at: (DAY + this.#time + pickBelow(this.#random, 10)) * 1_000,
        ...(fails ? { answered: 7, fault: 'absent' as const } : {}),
      };
    });
    this.#say(name, 'pin-check/1', pinCheckBody(entries));
  }

  #judge(name: string): void {
    if (this.#findings.length === 0) return;
    const verifier = this.#likely(this.#any(['verifier-north', 'verifier-south'] as const), name);
    const { effect, control, gate } = FAITHFUL;
    const outcome = pickBelow(this.#random, 4) === 0 ? 'refuted' : 'confirmed';
    const rerun = rerunOf({ effect, controls: [control, control], gate });
    this.#say(verifier, 'verdict/1', verdictBody(this.#any(this.#findings), outcome, rerun));
  }

  /** What a witness saw of some feeds; a false one says what it cannot know. */
  #witness(name: string, isFalse: boolean): void {
    const witness = this.#likely(
      this.#any(['example-lab', 'example-academy', 'example-regulator'] as const),
      name,
    );
    const author = this.#keyOf(witness);
    const feeds = [...this.#authors.values()].map(({ signer }) => memberKey(signer.publicKey));
    if (feeds.length === 0) return;
    const entries = Array.from({ length: 1 + pickBelow(this.#random, 3) }, () => {
      const feed = this.#any(feeds);
      const tree = this.#reader.tree(feed);
      const held = tree?.size ?? 0;
      const size = isFalse
        ? held + pickBelow(this.#random, 3)
        : 1 + pickBelow(this.#random, Math.max(held, 1));
      const isKnown =
        tree !== null && size >= 1 && size <= held && !(isFalse && pickBelow(this.#random, 2) === 0);
      return {
        feed,
        size: Math.max(size, 1),
        root: base64(isKnown ? tree.root(size) : sha256(new Uint8Array([size]))),
        head: base64(new Uint8Array(64)),
        witness: pickBelow(this.#random, 4) === 0 ? OUTSIDE : author,
        time: DAY + this.#time + pickBelow(this.#random, 20) - (isFalse ? 30 : 0),
        signature: base64(new Uint8Array(64)),
      };
    });
    this.#say(witness, 'cosignatures/1', { entries });
  }

  #amend(name: string): void {
    const current = this.#reader.charter();
    const changes = this.#changes(current);
    const drafted = draftProposal(current, changes, {
      reason: `reason ${this.#time}`,
      lengthOf: (key) => this.#reader.tree(key)?.size ?? 0,
    });
    if (!drafted.ok) return;
    const { body, charter } = drafted.value;
    // some are repeated word for word by another, some come after the consents
    const isLate = pickBelow(this.#random, 4) === 0;
    const propose = () => this.#say(name, 'charter-proposal/1', body as unknown as PlainObject);
    if (!isLate) propose();
    const id = this.#last()?.id ?? this.#federation;
    this.#drafts.push({ drafted: drafted.value, id: id as MessageId });
    for (const { name: member } of current.document.members) {
      if (pickBelow(this.#random, 5) === 0) continue;
      this.#say(member, 'charter-consent/1', { version: body.version, charter: charter.id, proposal: id });
    }
    if (isLate) propose();
  }

  #changes(current: Charter): CharterChange[] {
    const { members } = current.document;
    const member = this.#any(members);
    const seeds = this.#seeds.get(member.name) ?? [];
    const length = this.#reader.tree(member.keys.signing)?.size ?? 0;
    const last = length === 0 ? null : pickBelow(this.#random, length);
    switch (pickBelow(this.#random, 6)) {
      case 0: {
        // a newcomer, or one that left and comes back with a fresh key
        const absent = MEMBER_NAMES.filter((each) => members.every(({ name }) => name !== each));
        const gone = absent.filter((each) => (this.#seeds.get(each) ?? []).length > 0);
        if (gone.length > 0) return [{ change: 'member', member: this.#freshEntry(this.#any(gone)) }];
        return absent.length === 0 ? [] : [{ change: 'member', member: this.#freshEntry(this.#any(absent)) }];
      }
      case 1: {
        const gone = removal(current, member.name, { reason: 'removed', last });
        return gone.ok ? gone.value : [];
      }
      case 2:
      case 3: {
        const compromisedAt = (DAY + pickBelow(this.#random, this.#time + 20)) * 1_000;
        const leaving =
          pickBelow(this.#random, 2) === 0
            ? ({ reason: 'rotated', last } as const)
            : ({ reason: 'compromised', last, compromisedAt } as const);
        const entry = { ...this.#freshEntry(member.name as MemberName), roles: member.roles };
        const rotated = rotation(current, entry, leaving);
        return rotated.ok ? rotated.value : [];
      }
      case 4: {
        const { since: _, ...entry } = member;
        return [{ change: 'member', member: { ...entry, roles: this.#otherRoles(member) } }];
      }
      default: {
        const groups = [{ name: 'any', threshold: 1, members: ['outside', ...witnessesOf(members)] }];
        const value = { ...current.document.policy.witness, groups, quorum: 'any' };
        return [
          { change: 'name', name: `named ${seeds.length} at ${this.#time}` },
          { change: 'policy', section: 'witness', value },
        ];
      }
    }
  }

  #otherRoles({ roles }: CharterMember): Role[] {
    const role = this.#any(['lab', 'academic', 'observer'] as const);
    return roles.includes(role)
      ? roles.filter((each) => each !== role || roles.length === 1)
      : [...roles, role];
  }

  #freshEntry(name: MemberName) {
    const seeds = this.#seeds.get(name) ?? [];
    const seed = seeds.length === 0 ? name : `${name}, key ${seeds.length}`;
    this.#seeds.set(name, [...seeds, seed]);
    return entryOf(name, seed);
  }

  /** A second consent for one version, as often as not to another document. */
  #consentAgain(name: string): void {
    if (this.#drafts.length === 0) return;
    const { drafted, id } = this.#any(this.#drafts);
    const { version, charter } = drafted.body;
    this.#say(name, 'charter-consent/1', { version, charter, proposal: id });
    if (pickBelow(this.#random, 3) === 0)
      this.#say(name, 'charter-proposal/1', drafted.body as unknown as PlainObject);
  }

  #proveFork(name: string): void {
    const feed = this.#keyOf(this.#anyName());
    const size = 1 + pickBelow(this.#random, 1 + (this.#reader.tree(feed)?.size ?? 0));
    const heads = [1, 2].map((n) => ({
      size,
      root: base64(sha256(new Uint8Array([n]))),
      signature: base64(new Uint8Array(64)),
    }));
    this.#say(name, 'fork-proof/1', { feed, heads });
  }

  #say(name: string, kind: string, body: PlainObject): void {
    this.#sayAs(this.#seedOf(name), kind, body);
  }

  #sayAs(seed: string, kind: string, body: PlainObject): void {
    this.#keep(this.#authorBy(seed).say(kind, body, DAY * 1_000 + pickBelow(this.#random, 20)));
  }

  #keep(message: Message): void {
    this.#messages.push(message);
    this.#reader.add(message);
  }

  #authorOf(name: string): Author {
    return this.#authorBy(this.#seedOf(name));
  }

  #authorBy(seed: string): Author {
    const author = this.#authors.get(seed) ?? new Author(seed, this.#federation);
    this.#authors.set(seed, author);
    return author;
  }

  #keyOf(name: string): MemberKey {
    return keyOf(this.#seedOf(name));
  }

  /** The seed whose key is the member's now; of others the newest they have. */
  #seedOf(name: string): string {
    const seeds = this.#seeds.get(name) ?? [name];
    const { members } = this.#reader.charter();
    return seeds.find((seed) => members.has(keyOf(seed))) ?? (seeds.at(-1) as string);
  }

  #anyName(): string {
    const { members } = this.#reader.charter().document;
    return pickBelow(this.#random, 8) === 0 ? this.#any(MEMBER_NAMES) : this.#any(members).name;
  }

  #likely(name: string, other: string): string {
    return pickBelow(this.#random, 10) === 0 ? other : name;
  }

  #any<T>(items: readonly T[]): T {
    return items[pickBelow(this.#random, items.length)] as T;
  }

  #last(): Message {
    return this.#messages.at(-1) as Message;
  }
}

/** By seed: base58 takes longer than a signature. */
const names = new Map<string, MemberKey>();

function keyOf(seed: string): MemberKey {
  const key = names.get(seed) ?? memberKey(signerOf(seed).publicKey);
  names.set(seed, key);
  return key;
}

function witnessesOf(members: readonly CharterMember[]): string[] {
  return members.filter(({ roles }) => roles.includes('witness')).map(({ name }) => name);
}

/** One payload signed once more, otherwise: its author has two logs. */
function signedAgain(message: Message): Message {
  const wire = Uint8Array.from(message.wire);
  wire[wire.length - 1] = (wire.at(-1) as number) ^ 1;
  return { ...message, wire };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
