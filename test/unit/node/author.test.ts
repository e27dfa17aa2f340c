import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { encodePayload, type Message, readStored } from '../../../protocols/message/index.ts';
import { RecordFold } from '../../../protocols/record/index.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { Author } from '../../../services/node/author.ts';
import {
  CHARTER_POLICY,
  charterDocumentOf,
  charterOf,
  type MemberName,
  signerOf,
} from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { cardBody, frontierBody } from '../../support/samples.ts';

const CARD = 'member-card/1';
const charter = charterOf();
const clock = { now: () => 1_790_000_000_000 };

let path: string;
let ledger: Ledger;
let announced: Message[];

beforeEach(async () => {
  path = join(await freshFolder(), 'ledger.sqlite');
  openLedger();
});

describe('writing', () => {
  test('calls at one time take one sequence each, in their order, each naming the one before', async () => {
    const author = authorOf();
    const names = Array.from({ length: 25 }, (_, n) => `card ${n}`);
    const written = await Promise.all(names.map((name) => author.write(CARD, cardBody(name))));
    const messages = written.map((result) => (result.ok ? result.value : null));
    expect(messages.map((message) => message?.body['displayName'])).toEqual(names);
    expect(messages.map((message) => message?.sequence)).toEqual(names.map((_, n) => n));
    expect(messages.map((message) => message?.previous)).toEqual([
      null,
      ...messages.slice(0, -1).map((message) => message?.id),
    ]);
    expect(announced.map(({ id }) => id)).toEqual(messages.map((message) => message?.id));
  });

  test('a refused call takes no sequence, and the calls beside it are as without it', async () => {
    const author = authorOf();
    const results = await Promise.all([
      author.write(CARD, cardBody('one')),
      author.write(CARD, {}),
      author.write(CARD, cardBody('two')),
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(ledger.lengthOf(authorKey())).toBe(2);
  });

  test('no faster than the charter has the others store it, and says when it may go on', async () => {
    const quotas = { messagesPerHour: 60, burst: 3, bytesPerHour: 1_048_576 };
    const policy = { ...CHARTER_POLICY, quotas };
    const slow = charterOf({ ...charterDocumentOf(), policy });
    let now = clock.now();
    const author = new Author(
      new RecordFold(slow),
      ledger,
      signerOf('example-lab'),
      { now: () => now },
      () => {},
    );
    const say = () => author.write(CARD, cardBody('again'));
    const burst = [await say(), await say(), await say()];
    expect(burst.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(await say()).toMatchObject({
      ok: false,
      reason: 'over-quota',
      detail: expect.stringContaining('60 s'),
    });
    expect(ledger.lengthOf(authorKey())).toBe(3);
    now += 60_000;
    expect(await say()).toMatchObject({ ok: true });
    expect(await say()).toMatchObject({ ok: false, reason: 'over-quota' });
  });

  const deep = (levels: number): PlainObject => (levels === 0 ? {} : { in: deep(levels - 1) });
  test.each<[string, MemberName | 'stranger', string, string, unknown]>([
    ['kind-malformed', 'example-lab', 'a kind without a version', 'finding', {}],
    ['kind-malformed', 'example-lab', 'a kind with a path in it', '../x/1', {}],
    ['body-invalid', 'example-lab', 'a body against its schema', 'frontier-release/1', { model: 1 }],
    ['body-invalid', 'example-lab', 'a fraction', 'something-new/2', { x: 0.5 }],
    ['body-invalid', 'example-lab', 'a list', 'something-new/2', [1]],
    ['body-invalid', 'example-lab', 'what encoders take for a link', 'x/2', { a: [{ '/': 1, bytes: 1 }] }],
    ['body-invalid', 'example-lab', 'a body too deep to be opened', 'something-new/2', deep(40)],
    ['role-may-not', 'example-academy', 'a release by an academic', 'frontier-release/1', frontierBody('x')],
    ['not-a-member', 'stranger', 'a key outside the charter', CARD, cardBody('x')],
    ['too-large', 'example-lab', '64 KiB', 'something-new/2', { text: 'x'.repeat(65_536) }],
  ])('%s: %s, %s', async (reason, name, _, kind, body) => {
    const author = authorOf(name);
    expect(await author.write(kind, body as PlainObject)).toMatchObject({ ok: false, reason });
    expect(ledger.lastReservation()).toBeNull();
    expect(ledger.count()).toBe(0);
    expect(announced).toEqual([]);
  });
});

describe('a reservation without its message', () => {
  test('from before a kill: the start signs the same payload and no other', async () => {
    const payload = reserve(0, 'reserved');
    reopen();
    const author = authorOf();
    await author.recover();
    expect(ledger.lengthOf(authorKey())).toBe(1);
    expect(announced).toMatchObject([{ sequence: 0, body: { displayName: 'reserved' } }]);
    const [wire] = ledger.range(authorKey(), 0, 1) as [Uint8Array];
    expect(Buffer.from(wire).includes(Buffer.from(payload))).toBe(true);
    const next = await author.write(CARD, cardBody('next'));
    expect(next).toMatchObject({ ok: true, value: { sequence: 1, previous: readStored(wire).id } });
  });

  test('from a failed append while the node runs: it goes first, and the feed goes on', async () => {
    const author = authorOf();
    await author.write(CARD, cardBody('first'));
    reserve(1, 'failed', announced[0]?.id);
    expect(await author.write(CARD, cardBody('later'))).toMatchObject({ ok: true, value: { sequence: 2 } });
    expect(announced.map(({ sequence, body }) => [sequence, body['displayName']])).toEqual([
      [0, 'first'],
      [1, 'failed'],
      [2, 'later'],
    ]);
  });

  test('whose message is there already: nothing is to be done', async () => {
    await authorOf().write(CARD, cardBody('written'));
    reopen();
    announced = [];
    await authorOf().recover();
    expect(announced).toEqual([]);
    expect(ledger.count()).toBe(1);
  });
});

function openLedger(): void {
  const opened = new Ledger(path);
  onTestFinished(() => opened[Symbol.dispose]());
  ledger = opened;
  announced = [];
}

function reopen(): void {
  ledger[Symbol.dispose]();
  openLedger();
}

function authorOf(name: MemberName | 'stranger' = 'example-lab'): Author {
  return new Author(new RecordFold(charter), ledger, signerOf(name), clock, (message) =>
    announced.push(message),
  );
}

function authorKey() {
  const member = charter.document.members.find(({ name }) => name === 'example-lab');
  if (member === undefined) throw new TypeError('no lab in the charter');
  return member.keys.signing;
}

/** What a kill between the reservation and the append leaves. */
function reserve(sequence: number, name: string, previous: Message['previous'] = null): Uint8Array {
  const payload = encodePayload(
    {
      federation: charter.id,
      sequence,
      previous,
      issuedAt: clock.now(),
      kind: CARD,
      body: cardBody(name),
    },
    signerOf('example-lab').publicKey,
  );
  ledger.reserve(sequence, payload);
  return payload;
}
