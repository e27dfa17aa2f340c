import { z } from 'zod';
import type { MemberKey } from '../base/ids.ts';
import { FEEDS_LIMIT, PROOF_HASHES_LIMIT, SYNC_EVIDENCE_LIMIT } from '../base/limits.ts';
import { CID, documentCid, type Sha256 } from '../codec/cid.ts';
import { decodeCanonical, encode } from '../codec/codec.ts';
import { HASH_BYTES, type Hash, type Head } from '../feed/index.ts';
import { parseDidKey } from '../identity/did-key.ts';
import { type Block, CarFault } from './car.ts';

/** Links of one list: with 36 bytes each, far below the size of a block that other tools take. spec 13-bundle §2.4 */
export const LIST_LINKS = 1_024;
/** Lists of one part: four million messages. */
const LISTS_LIMIT = 4_096;
const SIGNATURE_BYTES = 64;

const link = z.custom<CID>((value) => CID.asCID(value) !== null);
const bytes = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const sequence = z.int().min(0);

/** spec 13-bundle §2.2 */
const manifest = z.strictObject({
  v: z.literal(1),
  federation: link,
  parts: z.array(link).max(FEEDS_LIMIT),
});
export type Manifest = z.infer<typeof manifest>;

/** spec 13-bundle §2.3 */
const partNode = z
  .strictObject({
    author: z.custom<MemberKey>(
      (value) => typeof value === 'string' && parseDidKey('ed25519', value) !== null,
    ),
    from: sequence,
    to: sequence,
    peaks: z.array(bytes(HASH_BYTES)).max(PROOF_HASHES_LIMIT),
    head: z
      .strictObject({ size: sequence, root: bytes(HASH_BYTES), signature: bytes(SIGNATURE_BYTES) })
      .nullable(),
    proof: z.array(bytes(HASH_BYTES)).max(PROOF_HASHES_LIMIT),
    messages: z.array(link).max(LISTS_LIMIT),
    evidence: z.array(link).max(2 * SYNC_EVIDENCE_LIMIT),
  })
  .refine(({ from, to, peaks }) => from <= to && peaks.length === onesOf(from));

/** Part of one feed: messages `from` to `to`, the second not included. */
export interface Part {
  readonly author: MemberKey;
  readonly from: number;
  readonly to: number;
  /** Of the tree of the first `from` messages: what its root follows from. */
  readonly peaks: readonly Hash[];
  readonly head: Head | null;
  /** That the head's tree begins with that of `to` messages, where it is larger. */
  readonly proof: readonly Hash[];
  /** Lists of at most LIST_LINKS messages each, in order. */
  readonly messages: readonly CID[];
  /** Wires that prove a fork. */
  readonly evidence: readonly CID[];
}

/** A list of links to messages. spec 13-bundle §2.4 */
const list = z.array(link).min(1).max(LIST_LINKS);

export function blockOf(value: unknown, sha256?: Sha256): Block {
  const encoded = encode(value);
  return { cid: documentCid(encoded, sha256), bytes: encoded };
}

export function manifestBlock(value: Omit<Manifest, 'v'>, sha256?: Sha256): Block {
  return blockOf({ v: 1, ...value }, sha256);
}

export function partBlock({ head, ...part }: Part, sha256?: Sha256): Block {
  const signed = head && { size: head.size, root: head.root, signature: head.signature };
  return blockOf({ ...part, head: signed }, sha256);
}

/** @throws CarFault */
export function readManifest(block: Block): Manifest {
  return read(manifest, block, 'a manifest');
}

/** @throws CarFault */
export function readPart(block: Block): Part {
  const { head, ...part } = read(partNode, block, 'a part of a feed');
  return { ...part, head: head && { author: part.author, ...head } };
}

/** @throws CarFault */
export function readList(block: Block): readonly CID[] {
  return read(list, block, 'a list of messages');
}

function read<T>(schema: z.ZodType<T>, { cid, bytes: encoded }: Block, what: string): T {
  const decoded = decodeCanonical(encoded);
  const parsed = decoded.ok ? schema.safeParse(decoded.value) : null;
  if (!parsed?.success) throw new CarFault(`${cid} is not ${what}`);
  return parsed.data;
}

function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
