import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../protocols/base/bytes.ts';
import {
  Frontier,
  type Hash,
  leafHash,
  MerkleTree,
  verifyConsistency,
  verifyInclusion,
} from '../../protocols/feed/index.ts';
import { nativeSha256 } from '../../services/keys/index.ts';
import { testSeed } from '../support/seed.ts';

const seed = testSeed();
const LARGEST = 300;

/** RFC 6962 §2.1 as it is written: recursive, over lists. */
const reference = {
  hash: (...parts: readonly Uint8Array[]): Hash => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return Uint8Array.from(hash.digest());
  },
  split: (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1),
  root(leaves: readonly Hash[]): Hash {
    if (leaves.length === 0) return this.hash();
    if (leaves.length === 1) return leaves[0] as Hash;
    const k = this.split(leaves.length);
    return this.hash(Uint8Array.of(1), this.root(leaves.slice(0, k)), this.root(leaves.slice(k)));
  },
  path(index: number, leaves: readonly Hash[]): Hash[] {
    if (leaves.length === 1) return [];
    const k = this.split(leaves.length);
    return index < k
      ? [...this.path(index, leaves.slice(0, k)), this.root(leaves.slice(k))]
      : [...this.path(index - k, leaves.slice(k)), this.root(leaves.slice(0, k))];
  },
  subproof(m: number, leaves: readonly Hash[], whole: boolean): Hash[] {
    if (m === leaves.length) return whole ? [] : [this.root(leaves)];
    const k = this.split(leaves.length);
    return m <= k
      ? [...this.subproof(m, leaves.slice(0, k), whole), this.root(leaves.slice(k))]
      : [...this.subproof(m - k, leaves.slice(k), false), this.root(leaves.slice(0, k))];
  },
};

const leaves = Array.from({ length: LARGEST }, (_, i) => leafHash(utf8(`entry ${i}`)));
const grown = treeOf(leaves);

function treeOf(all: readonly Hash[]): MerkleTree {
  const tree = new MerkleTree(nativeSha256);
  for (const leaf of all) tree.append(leaf);
  return tree;
}

const texts = (hashes: readonly Hash[]) => hashes.map(toHex);
const size = fc.integer({ min: 1, max: LARGEST });
const places = size.chain((n) => fc.tuple(fc.nat(n - 1), fc.constant(n)));
const pairs = size.chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n)));

describe('MerkleTree', () => {
  it('has the root of its leaves, whatever others were looked at or cut off before', () => {
    const step = fc.record({
      of: fc.constantFrom('look', 'append', 'cut'),
      from: fc.nat(9),
      count: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const tree = new MerkleTree(nativeSha256);
        const held: Hash[] = [];
        for (const { of, from, count } of steps) {
          const more = leaves.slice(from, from + count);
          if (of === 'look') {
            expect(toHex(tree.rootWith(more))).toBe(toHex(reference.root([...held, ...more])));
          } else if (of === 'append') {
            for (const leaf of more) tree.append(leaf);
            held.push(...more);
          } else {
            held.length = Math.max(0, held.length - count);
            tree.truncate(held.length);
          }
          expect(tree.size).toBe(held.length);
          expect(toHex(tree.root())).toBe(toHex(reference.root(held)));
        }
      }),
      { seed },
    );
  });

  it('has the roots of RFC 6962 at every size, grown at once or leaf by leaf', () => {
    const tree = new MerkleTree();
    const frontier = new Frontier();
    for (let n = 0; n <= 70; n++) {
      const expected = toHex(reference.root(leaves.slice(0, n)));
      expect(texts([tree.root(), grown.root(n), frontier.root(), tree.frontier().root()])).toEqual(
        Array(4).fill(expected),
      );
      tree.append(leaves[n] as Hash);
      frontier.append(leaves[n] as Hash);
    }
  });

  it('makes the inclusion proofs of RFC 6962, which verify', () => {
    fc.assert(
      fc.property(places, ([index, n]) => {
        const proof = grown.inclusionProof(index, n);
        expect(texts(proof)).toEqual(texts(reference.path(index, leaves.slice(0, n))));
        const claim = { index, size: n, leaf: grown.leaf(index), root: grown.root(n), proof };
        expect(verifyInclusion(claim)).toBe(true);
      }),
      { numRuns: 400, seed },
    );
  });

  it('makes the consistency proofs of RFC 6962, which verify', () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const proof = grown.consistencyProof(from, to);
        expect(texts(proof)).toEqual(texts(reference.subproof(from, leaves.slice(0, to), true)));
        const claim = { from, fromRoot: grown.root(from), to, toRoot: grown.root(to), proof };
        expect(verifyConsistency(claim)).toBe(true);
      }),
      { numRuns: 400, seed },
    );
  });

  it('has every complete subtree', () => {
    for (let level = 0; 2 ** level <= LARGEST; level++) {
      for (let index = 0; (index + 1) * 2 ** level <= LARGEST; index += 3) {
        const under = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level);
        expect(toHex(grown.subtree(level, index))).toBe(toHex(reference.root(under)));
      }
      expect(() => grown.subtree(level, Math.floor(LARGEST / 2 ** level))).toThrow(RangeError);
    }
  });

  it('truncated and grown again, is the tree of the leaves it then has', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 6 }), (steps) => {
        const tree = new MerkleTree(nativeSha256);
        let held: Hash[] = [];
        for (const [more, fewer] of steps) {
          const added = leaves.slice(held.length + fewer, held.length + fewer + more);
          for (const leaf of added) tree.append(leaf);
          held = [...held, ...added].slice(0, Math.max(0, held.length + added.length - fewer));
          tree.truncate(held.length);
          expect(toHex(tree.root())).toBe(toHex(reference.root(held)));
          expect(toHex(tree.frontier().root())).toBe(toHex(reference.root(held)));
          if (held.length > 0) expect(texts(tree.inclusionProof(0))).toEqual(texts(reference.path(0, held)));
        }
      }),
      { numRuns: 200, seed },
    );
  });

  it('hands out copies', () => {
    const tree = treeOf(leaves.slice(0, 7));
    const given = [
      tree.leaf(0),
      tree.subtree(2, 0),
      tree.root(4),
      ...tree.inclusionProof(5),
      ...tree.frontier().peaks,
    ];
    for (const hash of given) hash.fill(0);
    expect(toHex(tree.root())).toBe(toHex(reference.root(leaves.slice(0, 7))));
  });
});

describe('Frontier', () => {
  it('goes on from what was stored, and a clone goes its own way', () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const { size: stored, peaks } = treeOf(leaves.slice(0, from)).frontier();
        const frontier = new Frontier(nativeSha256, stored, peaks);
        const clone = frontier.clone();
        for (const leaf of leaves.slice(from, to)) clone.append(leaf);
        expect([clone.size, toHex(clone.root())]).toEqual([to, toHex(grown.root(to))]);
        expect([frontier.size, toHex(frontier.root())]).toEqual([from, toHex(grown.root(from))]);
      }),
      { numRuns: 100, seed },
    );
  });

  it('refuses peaks that are not those of its size', () => {
    expect(() => new Frontier(nativeSha256, 3, [leaves[0] as Hash])).toThrow(TypeError);
    expect(() => new Frontier(nativeSha256, 1, [new Uint8Array(31)])).toThrow(TypeError);
    expect(() => new Frontier(nativeSha256, -1, [])).toThrow(TypeError);
  });
});

describe('a proof', () => {
  const flip = (hash: Hash, bit: number): Hash =>
    hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  const spoil = (proof: readonly Hash[], pick: number, bit: number): Hash[][] => [
    [...proof, flip(leaves[0] as Hash, bit)],
    ...(proof.length === 0
      ? []
      : [
          proof.slice(1),
          proof.slice(0, -1),
          proof.map((hash, i) => (i === pick % proof.length ? flip(hash, bit) : hash)),
          proof.map((hash, i) => (i === pick % proof.length ? hash.subarray(1) : hash)),
        ]),
  ];

  it('of inclusion, with anything changed, is refused', () => {
    fc.assert(
      fc.property(places, fc.nat(), fc.nat(255), ([index, n], pick, bit) => {
        const proof = grown.inclusionProof(index, n);
        const claim = { index, size: n, leaf: grown.leaf(index), root: grown.root(n), proof };
        const wrong = [
          ...spoil(proof, pick, bit).map((each) => ({ ...claim, proof: each })),
          { ...claim, leaf: flip(claim.leaf, bit) },
          { ...claim, root: flip(claim.root, bit) },
          { ...claim, index: (index + 1) % (n + 1) },
          { ...claim, index: -1 },
          { ...claim, index: index + 0.5 },
          { ...claim, size: index },
        ];
        for (const each of wrong) expect(verifyInclusion(each)).toBe(false);
      }),
      { numRuns: 300, seed },
    );
  });

  it('of consistency, with anything changed, is refused', () => {
    fc.assert(
      fc.property(pairs, fc.nat(), fc.nat(255), ([from, to], pick, bit) => {
        const proof = grown.consistencyProof(from, to);
        const claim = { from, fromRoot: grown.root(from), to, toRoot: grown.root(to), proof };
        const wrong = [
          ...spoil(proof, pick, bit).map((each) => ({ ...claim, proof: each })),
          { ...claim, fromRoot: flip(claim.fromRoot, bit) },
          { ...claim, toRoot: flip(claim.toRoot, bit) },
          { ...claim, from: to + 1 },
          { ...claim, from: -1 },
          { ...claim, to: from - 1 },
        ];
        for (const each of wrong) expect(verifyConsistency(each)).toBe(false);
      }),
      { numRuns: 300, seed },
    );
  });

  it('from nothing is empty, and needs the root of nothing', () => {
    const claim = { from: 0, fromRoot: grown.root(0), to: 5, toRoot: grown.root(5), proof: [] };
    expect(grown.consistencyProof(0, 5)).toEqual([]);
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, fromRoot: grown.root(1) })).toBe(false);
    expect(verifyConsistency({ ...claim, proof: [grown.root(1)] })).toBe(false);
    expect(verifyConsistency({ ...claim, to: 0, toRoot: grown.root(0) })).toBe(true);
    expect(verifyConsistency({ ...claim, to: 0, toRoot: grown.root(1), fromRoot: grown.root(1) })).toBe(
      false,
    );
  });

  it('holds at sizes past 32 bits', () => {
    const size = 2 ** 52;
    const proof = Array.from({ length: 52 }, (_, i) => leaves[i] as Hash);
    const root = proof.reduce((node, sibling) => reference.hash(Uint8Array.of(1), sibling, node));
    const [leaf, ...path] = proof as [Hash, ...Hash[]];
    expect(verifyInclusion({ index: 2 ** 51 - 1, size: 2 ** 51, leaf, root, proof: path })).toBe(true);
    expect(verifyInclusion({ index: size - 1, size, leaf, root, proof: path })).toBe(false);
  });
});
