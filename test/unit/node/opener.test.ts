import { describe, expect, onTestFinished, test } from 'vitest';
import { leafHash } from '../../../protocols/feed/index.ts';
import { type Message, open } from '../../../protocols/message/index.ts';
import { openingContext } from '../../../services/node/opening/context.ts';
import { jobOf } from '../../../services/node/opening/job.ts';
import { Opener } from '../../../services/node/opening/opener.ts';
import { OpeningThread } from '../../../services/node/opening/opening-thread.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { findingBody } from '../../support/samples.ts';

const charter = charterOf();
const context = openingContext(charter.id);

function openerWith(threads: number): Opener {
  const opener = new Opener(charter.id, { threads });
  onTestFinished(() => opener[Symbol.asyncDispose]());
  return opener;
}

function messagesOf(name: string, count: number): Message[] {
  const author = new Author(name, charter.id);
  return Array.from({ length: count }, (_, n) =>
    n % 2 === 0 ? author.say('finding/1', findingBody(`finding ${n}`)) : author.say('note-of-visit/2', { n }),
  );
}

function changed(wire: Uint8Array, at: number): Uint8Array {
  const copy = wire.slice();
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

/** All that a message says, a body read late included. */
function told(message: Message) {
  const { id, federation, author, sequence, previous, issuedAt, kind, body, wire } = message;
  return { id, federation, author, sequence, previous, issuedAt, kind, body, wire };
}

describe.each([0, 1, 2])('with %i threads beside this one', (threads) => {
  test('many messages at once are opened as one is, and answered in order', async () => {
    const right = messagesOf('example-academy', 200).map(({ wire }) => wire);
    const wires = right.flatMap((wire, i) => [
      wire,
      ...(i % 7 === 0 ? [changed(wire, wire.length - 1), changed(wire, 20), new Uint8Array(i)] : []),
      ...(i % 50 === 0 ? [new Uint8Array(70_000)] : []),
    ]);
    const opener = openerWith(threads);
    const order: number[] = [];
    const opened = await Promise.all(
      wires.map(async (wire, i) => {
        const result = await opener.open(wire);
        if (wire.length < 70_000) order.push(i);
        return result;
      }),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const [i, result] of opened.entries()) {
      const expected = open(wires[i] as Uint8Array, context);
      if (expected.ok) expect(result.ok && told(result.value)).toEqual(told(expected.value));
      else expect(result).toEqual(expected);
    }
  });

  test('a feed is read with its leaves when all of it fits, and else not', async () => {
    const opener = openerWith(threads);
    const messages = messagesOf('example-lab', 300);
    const wires = messages.map(({ wire }) => wire);
    const { author } = messages[0] as Message;
    const read = await opener.read(author, 0, wires);
    expect(read?.messages.map(told)).toEqual(messages.map(told));
    expect(read?.leaves.map((leaf) => [...leaf])).toEqual(wires.map((wire) => [...leafHash(wire)]));

    const other = messagesOf('example-academy', 1)[0] as Message;
    expect(await opener.read(other.author, 0, wires)).toBeNull();
    expect(await opener.read(author, 1, wires)).toBeNull();
    expect(await opener.read(author, 0, [wires[0] as Uint8Array, wires[2] as Uint8Array])).toBeNull();
    expect(await opener.read(author, 0, [changed(wires[0] as Uint8Array, 20)])).toBeNull();
    // vouched for: the signature is not asked
    const unsigned = changed(wires[0] as Uint8Array, (wires[0] as Uint8Array).length - 1);
    expect(await opener.read(author, 0, [unsigned])).not.toBeNull();
  });
});

test('closing tells those who still wait, and closes twice', async () => {
  const opener = new Opener(charter.id, { threads: 1 });
  const waiting = messagesOf('example-lab', 100).map(({ wire }) => opener.open(wire));
  const outcomes = Promise.allSettled(waiting);
  await opener[Symbol.asyncDispose]();
  await opener[Symbol.asyncDispose]();
  for (const outcome of await outcomes)
    expect(outcome.status === 'rejected' && outcome.reason.code).toBe('cancelled');
  await expect(opener.open(new Uint8Array(3))).rejects.toMatchObject({ code: 'cancelled' });
});

test('a thread that is gone says that its work has not been done', async () => {
  const thread = new OpeningThread(charter.id);
  const wires = messagesOf('example-lab', 3).map(({ wire }) => wire);
  // in this order no time is left in which it could be done
  const ending = thread[Symbol.asyncDispose]();
  const under = thread.run(jobOf(wires, 'signature'));
  await ending;
  expect(await under).toBeNull();
  expect(await thread.run(jobOf(wires, 'signature'))).toBeNull();
});
