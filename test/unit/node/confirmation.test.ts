import { beforeEach, describe, expect, test } from 'vitest';
import type { AnswerListener, ExchangeResult, PeerRef } from '../../../services/network/index.ts';
import { Confirmation } from '../../../services/node/confirmation.ts';

const A = { transport: 'memory', id: 'a' } as const;
const B = { transport: 'memory', id: 'b' } as const;
const ANSWER: ExchangeResult = { heads: [], fetched: 0, vouched: 0, stuck: 0, skipped: 0, heldBack: 0 };

let peers: PeerRef[];
let answer: AnswerListener;

beforeEach(() => {
  peers = [A, B];
});

function confirmation(alone = false): Confirmation {
  return new Confirmation({
    peers: () => peers,
    onAnswer: (listener) => {
      answer = listener;
    },
    alone,
  });
}

describe('a node may speak', () => {
  test('at once when there is no one to ask', async () => {
    const own = confirmation(true);
    expect(own.state).toBe('confirmed');
    await own.confirmed;
    own.assert();
  });

  test('when every peer it is connected to has answered', async () => {
    const own = confirmation();
    expect(() => own.assert()).toThrow(expect.objectContaining({ code: 'feed-unconfirmed' }));
    answer(A, ANSWER);
    expect(own.state).toBe('unconfirmed');
    answer(B, ANSWER);
    await own.confirmed;
    expect(own.state).toBe('confirmed');
  });

  test('when those that have not answered are gone', () => {
    const own = confirmation();
    peers = [A];
    answer(A, ANSWER);
    expect(own.state).toBe('confirmed');
  });

  test('when those that have not answered have failed twice, and another has answered', () => {
    const own = confirmation();
    answer(B, null);
    answer(B, null);
    expect(own.state).toBe('unconfirmed');
    answer(A, ANSWER);
    expect(own.state).toBe('confirmed');
  });

  test('not when all have failed', () => {
    const own = confirmation();
    for (const peer of [A, B, A, B, A, B]) answer(peer, null);
    expect(own.state).toBe('unconfirmed');
  });

  test('not on an answer of which a feed was left to another exchange', () => {
    const own = confirmation();
    peers = [A];
    answer(A, { ...ANSWER, skipped: 1 });
    expect(own.state).toBe('unconfirmed');
    answer(A, ANSWER);
    expect(own.state).toBe('confirmed');
  });

  test('and goes on to, whoever comes later', () => {
    const own = confirmation();
    peers = [A];
    answer(A, ANSWER);
    peers = [A, B];
    answer(B, null);
    expect(own.state).toBe('confirmed');
  });
});
