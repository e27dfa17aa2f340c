import { expect, test } from 'vitest';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { OwnContent } from '../../../services/node/pins/own-content.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { analogBody, content, contentCid, findingBody, pinBody } from '../../support/samples.ts';

const AT = 1_790_000_000_000;
const federation = charterOf().id;

/** A member with two keys, one after the other, and what it has stored of its own. */
function member() {
  const old = new Author('example-lab', federation);
  const now = new Author('example-lab, next key', federation);
  const feeds = new Map<MemberKey, Uint8Array[]>();
  const say = (author: Author, kind: string, body: PlainObject) => {
    const message = author.say(kind, body, AT);
    feeds.set(message.author, [...(feeds.get(message.author) ?? []), message.wire]);
    return message;
  };
  const first = say(old, 'something-new/1', {});
  const keys = [first.author, say(now, 'something-new/1', {}).author];
  let reads = 0;
  const own = new OwnContent(
    {
      lengthOf: (author) => feeds.get(author)?.length ?? 0,
      range: (author, from, to) => {
        reads += to - from;
        return feeds.get(author)?.slice(from, to) ?? [];
      },
    },
    () => keys,
  );
  const keeps = (name: string, at = AT) => own.keeps(contentCid(name), at);
  return {
    own,
    keeps,
    say: (kind: string, body: PlainObject) => say(now, kind, body),
    old,
    first,
    sayOld: say,
    reads: () => reads,
  };
}

test('what is promised is kept until the promise is over or taken back', () => {
  const { own, keeps, say } = member();
  expect(keeps('a')).toBe(false);
  say('pin/1', pinBody('a', AT + 10));
  expect([keeps('a'), keeps('a', AT + 9), keeps('a', AT + 10)]).toEqual([true, true, false]);
  say('pin/1', pinBody('a', AT + 20));
  expect(keeps('a', AT + 10)).toBe(true);
  expect(own.hasTakenBack(contentCid('a'))).toBe(false);
  say('pin/1', pinBody('a', null));
  expect([keeps('a'), own.hasTakenBack(contentCid('a'))]).toEqual([false, true]);
  expect(own.hasTakenBack(contentCid('b'))).toBe(false);
});

test('a promise of a former key stands until the new one speaks', () => {
  const { keeps, say, sayOld, old } = member();
  sayOld(old, 'pin/1', pinBody('a', AT + 10));
  expect(keeps('a')).toBe(true);
  say('pin/1', pinBody('a', null));
  expect(keeps('a')).toBe(false);
});

test('what a message of its own names is kept, whatever its kind, and whatever is promised of it', () => {
  const { keeps, say, first } = member();
  say('analog-release/1', analogBody(first.id));
  say('finding/1', findingBody('f'));
  say('later/9', { deep: [{ er: content('named at depth') }] });
  for (const name of ['analog checkpoint', 'intervention of f', 'suite', 'named at depth'])
    expect(keeps(name), name).toBe(true);
  say('pin/1', pinBody('analog checkpoint', null));
  expect(keeps('analog checkpoint')).toBe(true);
  // a CID in passing is no reference: the target of a finding is another's
  expect(keeps('frontier checkpoint')).toBe(false);
});

test('each message is read once', () => {
  const { keeps, say, reads } = member();
  for (let i = 0; i < 600; i++) say('something-new/1', { i });
  keeps('a');
  keeps('b');
  say('pin/1', pinBody('a'));
  expect(keeps('a')).toBe(true);
  expect(reads()).toBe(603);
});
