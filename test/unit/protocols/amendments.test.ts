import { describe, expect, it } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { FORK_PROOFS_LIMIT } from '../../../protocols/base/limits.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import {
  type Charter,
  type Drafted,
  draftProposal,
  type Leaving,
  removal,
  rotation,
} from '../../../protocols/charter/index.ts';
import { toBase64 } from '../../../protocols/codec/base64.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import type { CharterChange } from '../../../protocols/kinds/index.ts';
import { type Message, open } from '../../../protocols/message/index.ts';
import { bodyCheckOf, RecordFold } from '../../../protocols/record/index.ts';
import { nativeEd25519 } from '../../../services/keys/native-ed25519.ts';
import { Author, charterOf, entryOf, type MemberName, signerOf } from '../../support/federation.ts';
import { governedCharter } from '../../support/governed-histories.ts';
import { cardBody, findingBody, frontierBody } from '../../support/samples.ts';
import { randomFrom, shuffled } from '../../support/seed.ts';

const keyOf = (seed: string) => memberKey(signerOf(seed).publicKey);

/** Five members who say things, in the order of their saying; three consents of five amend. */
class Town {
  readonly charter: Charter;
  readonly messages: Message[] = [];
  readonly fold: RecordFold;
  readonly #authors = new Map<string, Author>();

  constructor(charter = governedCharter()) {
    this.charter = charter;
    this.fold = new RecordFold(charter);
  }

  author(seed: string): Author {
    const author = this.#authors.get(seed) ?? new Author(seed, this.charter.id);
    this.#authors.set(seed, author);
    return author;
  }

  say(seed: string, kind: string, body: PlainObject): Message {
    return this.hear(this.author(seed).say(kind, body));
  }

  hear(message: Message): Message {
    this.messages.push(message);
    this.fold.add(message);
    return message;
  }

  propose(seed: string, changes: readonly CharterChange[]): { drafted: Drafted; proposal: Message } {
    const drafted = draftProposal(this.fold.charter(), changes, {
      reason: 'a test',
      lengthOf: (key) => this.fold.tree(key)?.size ?? 0,
    });
    if (!drafted.ok) throw new TypeError(drafted.detail);
    const proposal = this.say(seed, 'charter-proposal/1', drafted.value.body as unknown as PlainObject);
    return { drafted: drafted.value, proposal };
  }

  consent(seed: string, { drafted, proposal }: { drafted: Drafted; proposal: Message }): Message {
    const { version, charter } = drafted.body;
    return this.say(seed, 'charter-consent/1', { version, charter, proposal: proposal.id });
  }

  /** In force when it returns. */
  amend(changes: readonly CharterChange[], seeds: readonly string[] = CITIZENS): void {
    const open = this.propose(seeds[0] as string, changes);
    for (const seed of seeds) this.consent(seed, open);
    expect(this.fold.charter().id).toBe(open.drafted.charter.id);
  }

  rotate(name: MemberName, seed: string, leaving: Leaving, seeds?: readonly string[]): void {
    const { roles } =
      this.fold.charter().document.members.find((each) => each.name === name) ?? entryOf(name);
    const changes = rotation(this.fold.charter(), { ...entryOf(name, seed), roles: [...roles] }, leaving);
    if (!changes.ok) throw new TypeError(changes.detail);
    this.amend(changes.value, seeds);
  }

  /** What `witness` cosigned of a feed at its length now. @param time seconds @param carrier who publishes it */
  witness(
    witness: string,
    feed: MemberKey,
    time: number,
    size = this.fold.tree(feed)?.size ?? 0,
    carrier = witness,
  ): Message {
    const root = toBase64(this.fold.tree(feed)?.root(size) ?? new Uint8Array(32));
    const nothing = toBase64(new Uint8Array(64));
    return this.say(carrier, 'cosignatures/1', {
      entries: [{ feed, size, root, head: nothing, witness: keyOf(witness), time, signature: nothing }],
    });
  }

  status(message: Message) {
    return this.fold.statusOf(message.id);
  }
}

const CITIZENS = ['example-academy', 'example-regulator', 'verifier-north'];
const LAB = keyOf('example-lab');
const newRoles = (
  charter: Charter,
  name: string,
  roles: readonly ('lab' | 'witness' | 'observer')[],
): CharterChange => {
  const found = charter.document.members.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`no ${name}`);
  const { since: _, ...entry } = found;
  return { change: 'member', member: { ...entry, roles: [...roles] } };
};

describe('consent', () => {
  it('of more than half of the members brings a version into force, and of no fewer', () => {
    const town = new Town();
    const open = town.propose('example-lab', [{ change: 'name', name: 'Renamed' }]);
    town.consent('example-lab', open);
    town.consent('example-academy', open);
    expect(town.fold.record().proposals).toMatchObject([
      { id: open.proposal.id, consents: ['example-academy', 'example-lab'], needed: 3 },
    ]);
    town.consent('verifier-south', open);
    expect(town.fold.record()).toMatchObject({ name: 'Renamed', charter: { version: 1 }, proposals: [] });
  });

  it('of one member counts once, and the first time', () => {
    const town = new Town();
    const one = town.propose('example-lab', [{ change: 'name', name: 'One' }]);
    const two = town.propose('example-lab', [{ change: 'name', name: 'Two' }]);
    for (const seed of ['example-lab', 'example-academy', 'example-lab']) town.consent(seed, one);
    for (const seed of ['example-lab', 'example-academy', 'verifier-north', 'verifier-south'])
      town.consent(seed, two);
    expect(town.fold.charter().document.version).toBe(0);
    town.consent('example-regulator', one);
    expect(town.fold.charter().document.name).toBe('One');
  });

  it('of those outside the charter counts for nothing', () => {
    const town = new Town();
    const open = town.propose('example-lab', [{ change: 'name', name: 'Renamed' }]);
    for (const seed of ['example-lab', 'example-academy', 'example-observer', 'a stranger'])
      town.consent(seed, open);
    expect(town.fold.charter().document.version).toBe(0);
  });

  it('is not undone by the version after: its givers may be removed, up to before they consented', () => {
    const town = new Town();
    town.amend([{ change: 'name', name: 'Renamed' }]);
    const gone = removal(town.fold.charter(), 'verifier-north', { reason: 'removed', last: null });
    town.amend(gone.ok ? gone.value : [], ['example-lab', 'example-academy', 'example-regulator']);
    expect(town.fold.charters().map(({ document }) => document.version)).toEqual([0, 1, 2]);
  });

  it('is taken back by a fork of its giver, and the version with it', () => {
    const town = new Town();
    const twin = town.author('verifier-north').branch('note/1', {});
    town.amend([{ change: 'name', name: 'Renamed' }]);
    const change = town.fold.add(twin);
    expect(change).toMatchObject({ forked: [keyOf('verifier-north')], charters: [{ id: town.charter.id }] });
    expect(town.fold.charter().document.version).toBe(0);
  });

  it('survives the fork of the proposer once another repeats the proposal', () => {
    const town = new Town();
    const twin = town.author('example-lab').branch('note/1', {});
    const open = town.propose('example-lab', [{ change: 'name', name: 'Renamed' }]);
    for (const seed of CITIZENS) town.consent(seed, open);
    town.fold.add(twin);
    expect(town.fold.charter().document.version).toBe(0);
    town.say('verifier-south', 'charter-proposal/1', open.drafted.body as unknown as PlainObject);
    expect(town.fold.charter().document.version).toBe(1);
  });
});

describe('roles', () => {
  it('are those of the version that governs the place in the feed', () => {
    const town = new Town();
    const before = town.say('example-lab', 'frontier-release/1', frontierBody('before'));
    const open = town.propose('example-academy', [
      newRoles(town.charter, 'example-lab', ['observer', 'witness']),
    ]);
    // said before the amendment was in force, after what the proposer had seen
    const between = town.say('example-lab', 'frontier-release/1', frontierBody('between'));
    expect(town.status(between)?.status).toBe('valid');
    for (const seed of CITIZENS) town.consent(seed, open);
    expect(town.status(before)).toEqual({ status: 'valid', reason: null });
    expect(town.status(between)).toEqual({ status: 'void', reason: 'role-may-not' });
    expect(town.fold.record().frontierReleases.map(({ id }) => id)).toEqual([before.id]);
  });

  it('of a newcomer let count what it said before it was heard of', () => {
    const town = new Town();
    const early = town.say('example-observer', 'member-card/1', cardBody('early'));
    expect(town.status(early)).toEqual({ status: 'void', reason: 'not-a-member' });
    expect(town.fold.admits(keyOf('example-observer'))).toBe(false);
    const open = town.propose('example-lab', [{ change: 'member', member: entryOf('example-observer') }]);
    const admitted = CITIZENS.map((seed) => {
      town.consent(seed, open);
      return town.fold.admits(keyOf('example-observer'));
    });
    expect(admitted).toEqual([false, true, true]);
    expect(town.status(early)?.status).toBe('valid');
  });
});

describe('keys', () => {
  it('evidence made before three rotations still verifies, offline, and counts', () => {
    const town = new Town();
    const finding = town.say('example-academy', 'finding/1', findingBody('found before'));
    const seeds = ['example-academy'];
    for (const n of [1, 2, 3]) {
      const last = (town.fold.tree(keyOf(seeds.at(-1) as string))?.size ?? 0) - 1;
      const next = `example-academy, key ${n}`;
      town.rotate('example-academy', next, { reason: 'rotated', last }, [
        'example-lab',
        'example-regulator',
        'verifier-north',
      ]);
      town.say(next, 'member-card/1', cardBody(`with key ${n}`));
      seeds.push(next);
    }
    // a stranger with the first charter and the bytes alone
    const ed25519 = nativeEd25519();
    const federation = town.charter.id;
    const reader = new RecordFold(town.charter);
    for (const { wire } of town.messages.toReversed()) {
      const opened = open(wire, { federation, ed25519, checkBody: bodyCheckOf({ federation, ed25519 }) });
      if (!opened.ok) return expect.unreachable(opened.detail);
      reader.add(opened.value);
    }
    expect(reader.statusOf(finding.id)).toEqual({ status: 'superseded-key', reason: 'rotated' });
    const record = reader.record();
    expect(record.findings).toMatchObject([{ id: finding.id, author: keyOf('example-academy') }]);
    const member = record.members.find(({ name }) => name === 'example-academy');
    expect(member?.key).toBe(keyOf(seeds[3] as string));
    expect(member?.former.map(({ key }) => key)).toEqual(seeds.slice(0, 3).map(keyOf));
  });

  it('that go count up to the last that their entry names', () => {
    const town = new Town();
    const said = [0, 1, 2].map((n) => town.say('verifier-south', 'member-card/1', cardBody(`${n}`)));
    const gone = removal(town.charter, 'verifier-south', { reason: 'removed', last: 1 });
    town.amend(gone.ok ? gone.value : []);
    expect(said.map((message) => town.status(message))).toEqual([
      { status: 'superseded-key', reason: 'removed' },
      { status: 'superseded-key', reason: 'removed' },
      { status: 'void', reason: 'after-last' },
    ]);
    expect(town.fold.record().formerMembers).toMatchObject([
      { name: 'verifier-south', former: [{ last: 1 }] },
    ]);
  });

  it('that were lost count for what was witnessed before, and for nothing else', () => {
    const town = new Town();
    const early = town.say('example-lab', 'frontier-release/1', frontierBody('early'));
    town.witness('example-academy', LAB, 1_000);
    town.witness('example-regulator', LAB, 1_001);
    const late = town.say('example-lab', 'frontier-release/1', frontierBody('late'));
    town.witness('example-academy', LAB, 3_000);
    town.witness('example-regulator', LAB, 3_001);
    const never = town.say('example-lab', 'frontier-release/1', frontierBody('never'));
    town.rotate('example-lab', 'example-lab, key 1', {
      reason: 'compromised',
      last: 2,
      compromisedAt: 2_000_000,
    });
    expect(town.status(early)).toEqual({ status: 'superseded-key', reason: 'compromised' });
    for (const message of [late, never])
      expect(town.status(message)).toEqual({ status: 'revoked-after', reason: 'compromised' });
    expect(town.fold.record().frontierReleases.map(({ id }) => id)).toEqual([early.id]);
  });

  it('of a feed that forked give way to fresh ones under the same name', () => {
    const town = new Town();
    const twin = town.author('example-lab').branch('note/1', {});
    town.say('example-lab', 'frontier-release/1', frontierBody('lost'));
    town.fold.add(twin);
    expect(town.fold.record().forks).toEqual([{ key: LAB, name: 'example-lab', at: 0 }]);
    town.rotate('example-lab', 'example-lab, key 1', { reason: 'rotated', last: null });
    const fresh = town.say('example-lab, key 1', 'frontier-release/1', frontierBody('again'));
    expect(town.status(fresh)?.status).toBe('valid');
  });
});

describe('proofs of forks', () => {
  const proofAt = (size: number) => ({
    feed: LAB,
    heads: [1, 2].map((n) => ({
      size,
      root: toBase64(new Uint8Array(32).fill(n)),
      signature: toBase64(new Uint8Array(64)),
    })),
  });

  it('stop a feed where the lowest of them says; of one carrier only the first count', () => {
    const town = new Town();
    const count = FORK_PROOFS_LIMIT + 4;
    for (let n = 0; n < count; n++) town.say('example-lab', 'note/1', { n });
    for (let size = count; size > 0; size--) town.say('example-academy', 'fork-proof/1', proofAt(size));
    expect(town.fold.stopOf(LAB)).toEqual({ at: count - FORK_PROOFS_LIMIT, reason: 'fork' });
    town.say('example-regulator', 'fork-proof/1', proofAt(2));
    expect(town.fold.stopOf(LAB)).toEqual({ at: 1, reason: 'fork' });
    const reader = new RecordFold(town.charter);
    for (const message of town.messages.toReversed()) reader.add(message);
    expect(reader.stopOf(LAB)).toEqual({ at: 1, reason: 'fork' });
    expect(reader.record()).toEqual(town.fold.record());
  });
});

describe('established time', () => {
  it('is the earliest at which the policy held, for every message below a head', () => {
    const town = new Town();
    const [a, b] = [0, 1].map((n) => town.say('example-lab', 'frontier-release/1', frontierBody(`${n}`))) as [
      Message,
      Message,
    ];
    town.witness('example-academy', LAB, 500, 1);
    expect(town.fold.establishedAt(a.id)).toBeNull();
    town.witness('example-regulator', LAB, 700, 2);
    expect(town.fold.establishedAt(a.id)).toBe(700_000);
    expect(town.fold.establishedAt(b.id)).toBeNull();
    town.witness('example-academy', LAB, 600, 2);
    expect(town.fold.establishedAt(b.id)).toBe(700_000);
    const member = town.fold.record().members.find(({ name }) => name === 'example-lab');
    expect(member?.feed.witnessed).toEqual({ size: 2, established: 700_000 });
  });

  it('is not helped by a head that is not that of the chain, by its own author, or by those without the role', () => {
    const town = new Town();
    const said = town.say('example-lab', 'frontier-release/1', frontierBody('mine'));
    town.witness('example-lab', LAB, 1);
    town.witness('verifier-north', LAB, 2);
    town.witness('example-academy', LAB, 3);
    const nothing = toBase64(new Uint8Array(64));
    const entry = {
      feed: LAB,
      size: 1,
      root: toBase64(new Uint8Array(32)),
      head: nothing,
      time: 4,
      signature: nothing,
    };
    town.say('example-regulator', 'cosignatures/1', {
      entries: [{ ...entry, witness: keyOf('example-regulator') }],
    });
    expect(town.fold.establishedAt(said.id)).toBeNull();
    town.witness('example-regulator', LAB, 5);
    expect(town.fold.establishedAt(said.id)).toBe(5_000);
  });

  it('waits for the messages that a head speaks of', () => {
    const town = new Town();
    const said = town.author('example-lab').say('frontier-release/1', frontierBody('late'));
    const other = new RecordFold(town.charter);
    other.add(said);
    const root = toBase64(other.tree(LAB)?.root() ?? new Uint8Array(32));
    const nothing = toBase64(new Uint8Array(64));
    for (const witness of ['example-academy', 'example-regulator'])
      town.say(witness, 'cosignatures/1', {
        entries: [
          { feed: LAB, size: 1, root, head: nothing, witness: keyOf(witness), time: 9, signature: nothing },
        ],
      });
    const change = town.fold.add(said);
    expect(change?.established).toMatchObject([{ id: said.id }]);
    expect(town.fold.record().frontierReleases).toMatchObject([{ established: 9_000 }]);
  });

  /** Two of lab, academy, regulator and one outside establish; the keys of lab and academy turn out to be lost. */
  function lostWitnesses() {
    const town = new Town();
    const [academy, south] = [keyOf('example-academy'), keyOf('verifier-south')];
    const outside = (feed: MemberKey, time: number) =>
      town.witness('a witness outside', feed, time, undefined, 'verifier-north');
    const said = town.say('verifier-south', 'member-card/1', cardBody('witnessed by a lost key'));
    const ofAcademy = town.witness('example-academy', south, 1_000);
    const ofLab = town.witness('example-lab', academy, 1_001);
    town.witness('example-regulator', LAB, 1_002);
    outside(LAB, 1_003);
    outside(academy, 1_004);
    town.witness('example-regulator', south, 1_005);
    const before = town.fold.establishedAt(said.id);
    const citizens = ['example-regulator', 'verifier-north', 'verifier-south'];
    const lose = (name: MemberName) =>
      town.rotate(
        name,
        `${name}, key 1`,
        { reason: 'compromised', last: 0, compromisedAt: 2_000_000 },
        name === 'example-lab' ? citizens : [...citizens, 'example-lab, key 1'],
      );
    return { town, said, ofAcademy, ofLab, before, lose };
  }

  it('rests on a lost key only where the others alone had seen what it said', () => {
    const { town, said, ofAcademy, ofLab, before, lose } = lostWitnesses();
    expect(before).toBe(1_005_000);
    lose('example-lab');
    // regulator and the one outside saw what the lab's key said; of the academy's nothing is in doubt
    expect(town.status(ofLab)).toEqual({ status: 'superseded-key', reason: 'compromised' });
    expect(town.fold.establishedAt(said.id)).toBe(1_005_000);
    lose('example-academy');
    const orders = [
      town.messages,
      town.messages.toReversed(),
      ...Array.from({ length: 20 }, (_, n) => shuffled(town.messages, randomFrom(n))),
    ];
    for (const messages of orders) {
      const fold = new RecordFold(town.charter);
      for (const message of messages) fold.add(message);
      // what one lost key says lets a message of another be known …
      expect(fold.statusOf(ofLab.id)?.status).toBe('superseded-key');
      expect(fold.establishedAt(ofAcademy.id)).toBe(1_004_000);
      expect(fold.statusOf(ofAcademy.id)?.status).toBe('superseded-key');
      // … but not bear witness in its turn
      expect(fold.establishedAt(said.id)).toBeNull();
    }
  });

  it('rests on nothing that a key said past the end of its feed', () => {
    const town = new Town();
    const said = town.say('example-lab', 'frontier-release/1', frontierBody('seen'));
    town.say('example-academy', 'member-card/1', cardBody('the last that counts'));
    town.witness('example-academy', LAB, 1_000);
    town.witness('example-regulator', LAB, 1_001);
    expect(town.fold.establishedAt(said.id)).toBe(1_001_000);
    const others = ['example-lab', 'example-regulator', 'verifier-north'];
    town.rotate('example-academy', 'example-academy, key 1', { reason: 'rotated', last: 0 }, others);
    expect(town.fold.establishedAt(said.id)).toBeNull();
  });

  it('rests on nothing that a lost key said later, whoever else was lost', () => {
    const { town, said, lose } = lostWitnesses();
    lose('example-lab');
    lose('example-academy');
    const late = town.witness('example-academy', keyOf('verifier-south'), 1_006);
    town.witness('example-lab', keyOf('example-academy'), 1_007);
    expect(town.status(late)).toEqual({ status: 'void', reason: 'after-last' });
    expect(town.fold.establishedAt(said.id)).toBeNull();
    // the fresh keys of the same members are witnesses again
    town.witness('example-academy, key 1', keyOf('verifier-south'), 3_000);
    expect(town.fold.establishedAt(said.id)).toBe(3_000_000);
  });

  it('is nothing where the charter asks for no witness', () => {
    const town = new Town(charterOf());
    const said = town.say('example-lab', 'frontier-release/1', frontierBody('x'));
    town.witness('example-academy', LAB, 1);
    expect(town.fold.establishedAt(said.id)).toBeNull();
  });
});
