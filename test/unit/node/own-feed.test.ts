import { describe, expect, it } from 'vitest';
import { leafHash, MerkleTree, verifyHead } from '../../../protocols/feed/index.ts';
import { ShownFeed } from '../../../services/node/own-feed.ts';
import { Author, charterOf } from '../../support/federation.ts';

const federation = charterOf().id;

/** A feed of notes (n) and cosignatures (c), as the word says. */
function scene(word = '') {
  const author = new Author('example-lab', federation);
  const tree = new MerkleTree();
  const wires: Uint8Array[] = [];
  const say = (letter: string) => {
    const message = author.say(letter === 'c' ? 'cosignatures/1' : 'note/1', { n: wires.length });
    wires.push(message.wire);
    tree.append(leafHash(message.wire));
    return message;
  };
  for (const letter of word) say(letter);
  const open = () =>
    new ShownFeed({
      federation,
      signer: author.signer,
      tree: () => tree,
      wires: (from, to) => wires.slice(from, to),
    });
  return { say, tree, open, feed: open(), signer: author.signer };
}

describe('what witnesses are shown of a feed', () => {
  it('ends after its last message that is no cosignature, also when read from the ledger', () => {
    const long = `n${'c'.repeat(700)}`;
    for (const [word, size] of [
      ['', null],
      ['ccc', null],
      ['n', 1],
      ['nnccc', 2],
      ['ccn', 3],
      [long, 1],
      [`${long}nc`, 702],
    ] as const)
      expect([word, scene(word).feed.head()?.size ?? null]).toEqual([word, size]);
  });

  it('grows with messages, not with cosignatures, and not with those of others', () => {
    const { feed, say } = scene('n');
    expect(feed.take(say('c'))).toBe(false);
    expect(feed.take(say('n'))).toBe(true);
    expect(feed.head()?.size).toBe(3);
    const stranger = new Author('example-academy', federation).say('note/1', {});
    expect(feed.take(stranger)).toBe(false);
  });

  it('is signed, at the root that the feed had at that size', () => {
    const { feed, tree, signer } = scene('nncc');
    const head = feed.head();
    if (head === null) throw new TypeError('no head');
    expect(head.root).toEqual(tree.root(2));
    expect(verifyHead(head, federation, signer.ed25519)).toBe(true);
    expect(feed.size()).toBe(4);
    expect(feed.consistency(1, 2)).toEqual(tree.consistencyProof(1, 2));
  });

  it('is nothing where a fork has cut the tree before it', () => {
    const { feed, tree } = scene('nnn');
    tree.truncate(1);
    expect(feed.head()).toBeNull();
  });
});
