import { toHex } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { checkBody } from '../../../protocols/kinds/index.ts';
import { contentId, leafCid, verifyBlock } from '../../../services/checkpoints/block.ts';
import { type BlockSource, challenge } from '../../../services/checkpoints/index.ts';
import { encodeDirectoryNode, encodeFileNode } from '../../../services/checkpoints/unixfs/nodes.ts';
import { LEAF_BYTES } from '../../../services/checkpoints/unixfs/profile.ts';
import { pickBelow } from '../seed.ts';
import { type FuzzTarget, must, type Random } from './target.ts';

const PIN = documentCid(encode('a promise')).toString();
/** A full leaf and the ends of files. */
const LEAVES = [LEAF_BYTES, 1, 17, 0].map((length) => new Uint8Array(length));

/** What a publisher may name: rightly hashed, and as right or as wrong as chance has it. */
class Content implements BlockSource {
  readonly name = 'fuzz';
  readonly #random: Random;
  readonly #blocks = new Map<ContentId, Uint8Array>();

  constructor(random: Random) {
    this.#random = random;
    for (const bytes of LEAVES) this.#keep(contentId(leafCid(bytes)), bytes);
  }

  #keep(cid: ContentId, bytes: Uint8Array): void {
    if (this.#random() < 0.98) this.#blocks.set(cid, bytes);
  }

  /** Now and then another number than the right one. */
  #said(right: number): number {
    if (this.#random() > 0.03) return right;
    return [0, right + 1, LEAF_BYTES, 2 ** 40, 2 ** 48][pickBelow(this.#random, 5)] as number;
  }

  file() {
    const full = pickBelow(this.#random, 4);
    const leaves = [
      ...Array.from({ length: full }, () => LEAVES[0] as Uint8Array),
      LEAVES[1 + pickBelow(this.#random, 3)] as Uint8Array,
    ];
    const parts = leaves.map((bytes) => {
      const sizeBytes = this.#said(bytes.length);
      return { cid: leafCid(bytes), sizeBytes, tsize: this.#said(sizeBytes) };
    });
    const [only] = parts;
    if (parts.length === 1 && only !== undefined && this.#random() < 0.9) return only;
    const node = encodeFileNode(parts);
    this.#keep(contentId(node.cid), node.bytes);
    return node;
  }

  folder(depth: number): ReturnType<typeof encodeDirectoryNode> {
    const entries = Array.from({ length: pickBelow(this.#random, 4) }, (_, i) => {
      const inner = depth > 0 && this.#random() < 0.4 ? this.folder(depth - 1) : this.file();
      return { name: `${i}`, cid: inner.cid, tsize: this.#said(inner.tsize) };
    });
    const node = encodeDirectoryNode(entries);
    this.#keep(contentId(node.cid), node.bytes);
    return node;
  }

  has(): Promise<readonly boolean[]> {
    return Promise.resolve([]);
  }

  async *blocks(cids: readonly ContentId[]) {
    for (const cid of cids) {
      const block = verifyBlock(cid, this.#blocks.get(cid) ?? new Uint8Array([1, 2, 3]));
      if (block.ok) yield block.value;
    }
  }
}

export const CHALLENGE_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  challenges: {
    drives: ['services/checkpoints/challenge/challenge.ts#challenge'],
    accepts: true,
    run: async (random) => {
      const content = new Content(random);
      const { cid } = content.folder(3);
      const seed = Uint8Array.from({ length: 32 }, () => pickBelow(random, 256));
      const { signal } = new AbortController();
      const answer = await challenge(content, contentId(cid), { signal, seed, sample: 5 });
      if (!answer.ok) return false;
      const entry = { pin: PIN, seed: toHex(seed), at: 0, ...answer.value };
      const fault = checkBody('pin-check/1', { entries: [entry] });
      must(fault === null, `a result that nobody opens: ${fault}`);
      return answer.value.fault === null;
    },
  },
};
