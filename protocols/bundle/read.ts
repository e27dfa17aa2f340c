import { equalBytes } from '../base/bytes.ts';
import type { FederationId } from '../base/ids.ts';
import { type CID, cidText, type Sha256 } from '../codec/cid.ts';
import { Frontier, type Hash, leafHash, verifyConsistency, verifyHead } from '../feed/index.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type Block, CarFault, readCar } from './car.ts';
import { type Part, readList, readManifest, readPart } from './manifest.ts';

/** What a bundle tells, in the order of the file. */
export type BundleItem =
  | {
      readonly kind: 'bundle';
      readonly root: CID;
      readonly federation: FederationId;
      readonly genesis: Uint8Array;
    }
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'message'; readonly part: Part; readonly sequence: number; readonly wire: Uint8Array }
  | { readonly kind: 'evidence'; readonly part: Part; readonly wire: Uint8Array };

/**
 * Reads a bundle from its first byte to its last. Blocks stand in the order in which they are linked, so that one at a
 * time is held. spec 13-bundle §2 @throws CarFault
 */
export async function* readBundle(
  source: AsyncIterable<Uint8Array>,
  sha256?: Sha256,
): AsyncGenerator<BundleItem> {
  const blocks = readCar(source, sha256);
  const first = await blocks.next();
  if (first.done || !('root' in first.value)) throw new CarFault('no CAR file');
  const { root } = first.value;
  /** The block of this link, which is the next. spec 13-bundle §2.1 */
  const follow = async (link: CID): Promise<Block> => {
    const next = await blocks.next();
    if (next.done || 'root' in next.value || !equalBytes(next.value.cid.bytes, link.bytes))
      throw new CarFault(`${link} does not stand where it is linked`);
    return next.value;
  };
  const manifest = readManifest(await follow(root));
  const { bytes: genesis } = await follow(manifest.federation);
  yield { kind: 'bundle', root, federation: cidText(manifest.federation.bytes) as FederationId, genesis };
  for (const partLink of manifest.parts) {
    const part = readPart(await follow(partLink));
    yield { kind: 'part', part };
    let sequence = part.from;
    for (const listLink of part.messages) {
      for (const link of readList(await follow(listLink))) {
        if (sequence >= part.to) throw new CarFault('more messages than the part says');
        yield { kind: 'message', part, sequence, wire: (await follow(link)).bytes };
        sequence += 1;
      }
    }
    if (sequence !== part.to) throw new CarFault('fewer messages than the part says');
    for (const link of part.evidence) yield { kind: 'evidence', part, wire: (await follow(link)).bytes };
  }
  if (!(await blocks.next()).done) throw new CarFault('blocks that nothing links');
}

/** Up to where a head speaks for the messages of its part: beyond, each needs its own signature. spec 13-bundle §3.2 */
export function vouchedEnd({ from, to, head }: Part): number {
  return head === null || head.size <= from ? from : Math.min(to, head.size);
}

/** Checks what the signed head of one part says about its messages, given one after another. spec 13-bundle §3 */
export class PartCheck {
  readonly #part: Part;
  readonly #frontier: Frontier;
  readonly #sha256: Sha256 | undefined;
  #holds = true;

  /** @param ed25519 checks the head's signature */
  constructor(part: Part, federation: FederationId, ed25519: Ed25519, sha256?: Sha256) {
    this.#part = part;
    this.#sha256 = sha256;
    this.#frontier = new Frontier(sha256, part.from, part.peaks);
    // spec 13-bundle §3.1
    if (part.head === null || !verifyHead(part.head, federation, ed25519)) this.#holds = false;
  }

  /** The root of all messages so far. */
  root(): Hash {
    return this.#frontier.root();
  }

  add(sequence: number, wire: Uint8Array): void {
    if (sequence < vouchedEnd(this.#part)) this.#frontier.append(leafHash(wire, this.#sha256));
  }

  /** Whether the head vouches for the messages before `vouchedEnd`; asked after the last. */
  vouches(): boolean {
    const { head, proof } = this.#part;
    if (!this.#holds || head === null || this.#frontier.size !== vouchedEnd(this.#part)) return false;
    // spec 13-bundle §3.2, §3.3
    return verifyConsistency(
      {
        from: this.#frontier.size,
        fromRoot: this.#frontier.root(),
        to: head.size,
        toRoot: head.root,
        proof,
      },
      this.#sha256,
    );
  }
}
