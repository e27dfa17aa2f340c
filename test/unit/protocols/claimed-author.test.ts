import { expect, test } from 'vitest';
import { claimedAuthor } from '../../../protocols/message/claimed-author.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { cardBody } from '../../support/samples.ts';

const { id } = charterOf();

test('the author of each message of a feed', () => {
  const author = new Author('example-lab', id);
  for (const length of [0, 10, 2_000]) {
    const { wire, author: key } = author.say('something-new/1', { text: 'x'.repeat(length) });
    expect(claimedAuthor(wire)).toBe(key);
  }
  const { wire, author: key } = author.say('member-card/1', cardBody('Lab'));
  expect(claimedAuthor(wire)).toBe(key);
});

test('nobody, where nothing like it is said', () => {
  expect(claimedAuthor(new Uint8Array(0))).toBeNull();
  expect(claimedAuthor(new Uint8Array(65_535))).toBeNull();
});
