import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { seal } from '../../../protocols/message/index.ts';
import { decisionOn, Inbox } from '../../../services/node/inbox.ts';
import { Opener } from '../../../services/node/opening/opener.ts';
import { Chronicled } from '../../support/chronicled.ts';
import { Author, charterDocumentOf, charterOf, signerOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import {
  cardBody,
  charterBody,
  findingBody,
  frontierBody,
  RERUNS,
  rerunOf,
  verdictBody,
} from '../../support/samples.ts';

const NOW = 1_790_000_000_000;
const FINDING = new Author('example-academy', charterOf().id).say('finding/1', findingBody('x'));

let parts: Chronicled;
let inbox: Inbox;

beforeEach(async () => {
  const opened = new Chronicled(await freshFolder());
  onTestFinished(() => opened[Symbol.dispose]());
  parts = opened;
  const opener = new Opener(parts.charter.id);
  onTestFinished(() => opener[Symbol.asyncDispose]());
  inbox = new Inbox(parts.chronicle.fold, parts.ledger, { now: () => NOW }, opener);
});

describe('what is over a quota', () => {
  const { burst } = charterDocumentOf().policy.quotas;

  test('is ignored where it is just spoken, and costs no look once the account is empty', async () => {
    const author = parts.author('example-lab');
    const said = Array.from({ length: 3 }, (_, n) => author.say('something-new/2', { n }));
    const [first, second, third] = said.map(({ wire }) => wire) as [Uint8Array, Uint8Array, Uint8Array];
    const { author: key } = said[0] as (typeof said)[number];
    expect(await inbox.accept(first, { live: true })).toMatchObject({ decision: 'accept' });
    inbox.quotas.spend(key, burst - 1, 0);
    expect(await inbox.accept(second, { live: true })).toMatchObject({
      decision: 'ignore',
      refusal: 'over-quota',
    });
    const forged = third.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    expect(await inbox.accept(forged, { live: true })).toMatchObject({ refusal: 'over-quota' });
    // fetched, it is looked at first
    expect(await inbox.accept(forged)).toMatchObject({ refusal: 'signature-invalid' });
    expect(inbox.quotas.shed().get(key)).toBe(2);
    expect(parts.ledger.lengthOf(key)).toBe(1);
  });

  test('is not what is held already, nor what proves a fork', async () => {
    const author = parts.author('example-lab');
    const fork = author.branch('something-new/2', { branch: true });
    const { wire, author: key } = author.say('something-new/2', {});
    await inbox.accept(wire);
    inbox.quotas.spend(key, Number.MAX_SAFE_INTEGER, 0);
    expect(await inbox.accept(wire)).toMatchObject({ refusal: 'duplicate' });
    expect(await inbox.accept(fork.wire)).toMatchObject({ decision: 'accept' });
  });

  test('is a fork below one that is proven, again and again; above it none is kept', async () => {
    const author = parts.author('example-lab');
    const count = 30;
    const forks = [];
    for (let n = 0; n < count; n++) {
      forks.push(author.branch('something-new/2', { branch: n }));
      await inbox.accept(author.say('something-new/2', { n }).wire);
    }
    const outcomes = [];
    for (const { wire } of forks.toReversed()) outcomes.push((await inbox.accept(wire)).refusal);
    // the first is free; each further one takes a thousand messages of the burst
    const granted = 1 + Math.floor(burst / 1_000);
    expect(outcomes.slice(0, granted)).toEqual(Array.from({ length: granted }, () => null));
    expect(new Set(outcomes.slice(granted))).toEqual(new Set(['over-quota']));
    const lowest = count - granted;
    expect(parts.chronicle.fold.stopOf(forks[0]?.author as MemberKey)).toEqual({
      at: lowest,
      reason: 'fork',
    });
    expect(await inbox.accept(forks[lowest]?.wire as Uint8Array)).toMatchObject({ refusal: 'duplicate' });
    const above = new Author('example-lab', parts.charter.id);
    for (let n = 0; n < count - 1; n++) above.say('something-new/2', { n });
    expect(await inbox.accept(above.branch('something-new/2', { other: 1 }).wire)).toMatchObject({
      refusal: 'surplus',
    });
  });
});

describe('what a member may say', () => {
  test('is durable, then accepted', async () => {
    const message = parts.author('example-lab').say('frontier-release/1', frontierBody('tiny'));
    const admission = await inbox.accept(message.wire);
    expect(admission).toMatchObject({ decision: 'accept', refusal: null, fresh: { id: message.id } });
    expect(parts.ledger.has(message.id)).toBe(true);
    expect(inbox.refusals()).toEqual({});
  });

  test('may come as a view of a transport’s buffer, which is left as it was and not kept', async () => {
    const author = parts.author('example-lab');
    // enough signatures that some have each rare form
    const wires = Array.from({ length: 300 }, (_, n) => author.say('something-new/2', { n }).wire);
    const buffer = Buffer.concat(wires);
    const before = Buffer.from(buffer);
    let at = 0;
    for (const { length } of wires) {
      const { decision, fresh } = await inbox.accept(buffer.subarray(at, at + length));
      at += length;
      expect(decision).toBe('accept');
      expect(fresh?.wire.buffer.byteLength).toBe(length);
    }
    expect(buffer.equals(before)).toBe(true);
  });

  test('may be of a kind that this node does not know', async () => {
    const message = parts.author('example-observer').say('something-new/2', { any: ['thing'] });
    expect(await inbox.accept(message.wire)).toMatchObject({ decision: 'accept' });
  });

  test('may claim any time: no clock decides what is accepted', async () => {
    const author = parts.author('example-lab');
    for (const issuedAt of [0, NOW * 2, Number.MAX_SAFE_INTEGER]) {
      const { wire } = author.say('member-card/1', cardBody('x'), issuedAt);
      expect(await inbox.accept(wire)).toMatchObject({ decision: 'accept', refusal: null });
    }
  });

  test.each([
    ['a release', 'frontier-release/1', frontierBody('x')],
    ['a verdict', 'verdict/1', verdictBody(FINDING.id, 'refuted', rerunOf(RERUNS.random))],
  ])(
    'outside its roles is kept as a leaf of its feed, counted, and adds nothing: %s',
    async (_, kind, body) => {
      const digest = parts.chronicle.record().digest;
      const message = parts.author('example-academy').say(kind, body);
      expect(await inbox.accept(message.wire)).toMatchObject({ decision: 'accept', refusal: 'role-may-not' });
      expect(inbox.refusals()).toEqual({ 'role-may-not': 1 });
      expect(parts.ledger.has(message.id)).toBe(true);
      expect(parts.chronicle.fold.statusOf(message.id)).toEqual({ status: 'void', reason: 'role-may-not' });
      expect(parts.chronicle.record().record.frontierReleases).toEqual([]);
      expect(parts.chronicle.record().digest).not.toBe(digest); // the feed is longer
    },
  );
});

describe('bad input', () => {
  const lab = () => new Author('example-lab', parts.charter.id);
  const card = () => lab().say('member-card/1', cardBody('x'));
  const other = charterOf({ ...charterDocumentOf(), name: 'Another federation' });

  test.each<[string, string, () => Uint8Array]>([
    ['too-large', 'over the limit', () => new Uint8Array(MESSAGE_LIMIT_BYTES + 1)],
    ['not-canonical', 'a longer form of the same', () => longForm(card().wire)],
    ['not-canonical', 'bytes after the end', () => Uint8Array.from([...card().wire, 0])],
    ['not-canonical', 'cut short', () => card().wire.subarray(0, -1)],
    ['not-canonical', 'nothing', () => new Uint8Array()],
    ['envelope-invalid', 'not a pair', () => encode([1, 2, 3])],
    ['envelope-invalid', 'a fraction in the body', () => sealedWith({ x: 0.5 })],
    ['signature-invalid', 'signed by another', () => signedByAnother()],
    ['wrong-federation', 'another charter', () => new Author('example-lab', other.id).say('a/1', {}).wire],
    [
      'not-a-member',
      'outside the charter',
      () => new Author('stranger', parts.charter.id).say('a/1', {}).wire,
    ],
    ['body-invalid', 'against the schema of its kind', () => lab().say('frontier-release/1', {}).wire],
  ])('%s: %s', async (refusal, _, wireOf) => {
    await refuses(wireOf(), refusal);
  });

  test('duplicate: a replay', async () => {
    const { wire } = card();
    await inbox.accept(wire);
    await refuses(wire, 'duplicate');
  });

  test('surplus: a third payload at one sequence', async () => {
    const author = lab();
    for (const n of [0, 1]) await inbox.accept(author.branch('a/1', { n }).wire);
    await refuses(author.branch('a/1', { n: 2 }).wire, 'surplus');
  });

  test('any flipped bit: each byte of a message in turn', async () => {
    const { wire } = lab().say('charter/1', charterBody(parts.charter.id));
    for (let at = 0; at < wire.length; at++) {
      const flipped = wire.with(at, (wire[at] ?? 0) ^ (1 << (at % 8)));
      expect(await inbox.accept(flipped), `byte ${at}`).toMatchObject({ decision: 'reject', fresh: null });
    }
    const counted = Object.values(inbox.refusals()).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(wire.length);
    expect(parts.ledger.count()).toBe(0);
  });

  function sealedWith(body: object): Uint8Array {
    const draft = {
      federation: parts.charter.id,
      sequence: 0,
      previous: null,
      issuedAt: NOW,
      kind: 'something-new/2',
      body: body as ReturnType<typeof findingBody>,
    };
    return seal(draft, signerOf('example-lab')).wire;
  }

  function signedByAnother(): Uint8Array {
    const [payload] = pairOf(card().wire);
    const [, signature] = pairOf(new Author('example-academy', parts.charter.id).say('a/1', {}).wire);
    return encode([payload, signature]);
  }
});

/** Refuses, counts once, changes nothing; what follows is still taken. */
async function refuses(wire: Uint8Array, refusal: string): Promise<void> {
  const before = { count: parts.ledger.count(), digest: parts.chronicle.record().digest };
  const decision = decisionOn(refusal as Parameters<typeof decisionOn>[0]);
  expect(await inbox.accept(wire)).toEqual({ decision, fresh: null, refusal });
  expect(inbox.refusals()).toEqual({ [refusal]: 1 });
  expect({ count: parts.ledger.count(), digest: parts.chronicle.record().digest }).toEqual(before);
  const next = new Author('example-regulator', parts.charter.id).say('member-card/1', cardBody('next'));
  expect(await inbox.accept(next.wire)).toMatchObject({ decision: 'accept' });
}

function pairOf(wire: Uint8Array): [Uint8Array, Uint8Array] {
  const decoded = decodeCanonical(wire);
  if (!decoded.ok) throw new TypeError(decoded.reason);
  return decoded.value as [Uint8Array, Uint8Array];
}

/** The same list, its head in two bytes instead of one. */
function longForm(wire: Uint8Array): Uint8Array {
  return Uint8Array.from([0x98, 0x02, ...wire.subarray(1)]);
}
