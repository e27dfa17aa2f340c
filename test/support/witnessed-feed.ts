import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import {
  checkpointNote,
  formatWitnessRequest,
  type Head,
  leafHash,
  MerkleTree,
  signHead,
} from '../../protocols/feed/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import type { Signer } from '../../protocols/message/index.ts';
import { WitnessFile } from '../../services/ledger/index.ts';
import { type OwnFeed, Witness, type WitnessOptions } from '../../services/witness/index.ts';
import { charterOf, signerOf } from './federation.ts';

export const FEDERATION = charterOf().id;

/** A feed of made-up entries, and what its author can sign of it. Two of one name and two branches are a fork. */
export class SampleFeed implements OwnFeed {
  readonly signer: Signer;
  readonly key: MemberKey;
  readonly tree = new MerkleTree();
  readonly #branch: string;
  readonly #federation: FederationId;

  constructor(name: string, entries = 0, { branch = 'main', federation = FEDERATION } = {}) {
    this.signer = signerOf(name);
    this.key = memberKey(this.signer.publicKey);
    this.#branch = branch;
    this.#federation = federation;
    this.grow(entries);
  }

  grow(entries = 1): void {
    for (let i = 0; i < entries; i++) this.tree.append(leafHash(utf8(`${this.#branch} ${this.tree.size}`)));
  }

  size(): number {
    return this.tree.size;
  }

  head(size = this.tree.size): Head {
    return signHead(this.#federation, { size, root: this.tree.root(size) }, this.signer);
  }

  consistency(from: number, to: number) {
    return this.tree.consistencyProof(from, to);
  }

  /** What the author sends to a witness that has cosigned `old`. */
  request(old: number, size = this.tree.size, proof = this.consistency(old, size)): Uint8Array {
    return utf8(formatWitnessRequest(old, proof, checkpointNote(this.head(size), this.#federation)));
  }
}

/** A witness on a file in this folder. */
export function openWitness(
  folder: string,
  options: Partial<WitnessOptions> & { readonly name?: string } = {},
): { readonly witness: Witness; readonly file: WitnessFile } {
  const file = new WitnessFile(join(folder, 'witness.sqlite'));
  onTestFinished(() => file[Symbol.dispose]());
  const witness = new Witness({
    federation: FEDERATION,
    signer: signerOf(options.name ?? 'example-regulator'),
    memory: file,
    clock: { now: () => 1_790_000_000_000 },
    knows: () => true,
    onCosigned: () => {},
    onConflict: () => {},
    ...options,
  });
  return { witness, file };
}
