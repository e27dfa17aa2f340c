import { z } from 'zod';
import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import {
  checkpointNote,
  decodeEntryBundle,
  encodeEntryBundle,
  formatTilePath,
  formatVkey,
  keyId,
  leafHash,
  MerkleTree,
  type NoteVerifier,
  noteVerifier,
  parseTilePath,
  parseTlogProofUnverified,
  parseVkey,
  readHead,
  signHead,
  tileBytes,
  verifyConsistency,
  verifyInclusion,
  verifyTlogProof,
} from '../../../protocols/feed/index.ts';
import { type Ed25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

const text = z.string();
const byteStrings = z.array(bytes);
const federation = z.custom<FederationId>((value) => typeof value === 'string');
const tileName = z.object({
  level: z.union([count, z.literal('entries')]),
  index: count,
  width: count,
});

/** Trees, notes, tiles and proof files: 12-feeds. */
export function feedOperations(ed25519: Ed25519): Operations {
  return { ...TREE_OPERATIONS, ...noteOperations(ed25519), ...TILE_OPERATIONS };
}

const TREE_OPERATIONS: Operations = {
  'tree.root': operation(z.object({ entries: byteStrings }), ({ entries }) => ({
    root: toHex(treeOf(entries).root()),
  })),
  'tree.inclusion': operation(
    z.object({ index: count, size: count, leaf: bytes, root: bytes, proof: byteStrings }),
    (claim) => ({ accepted: verifyInclusion(claim) }),
  ),
  'tree.consistency': operation(
    z.object({ from: count, fromRoot: bytes, to: count, toRoot: bytes, proof: byteStrings }),
    (claim) => ({ accepted: verifyConsistency(claim) }),
  ),
};

function noteOperations(ed25519: Ed25519): Operations {
  return {
    'vkey.parse': operation(z.object({ vkey: text }), ({ vkey }) => {
      const key = parseVkey(vkey);
      if (!key.ok) return { refused: key.reason };
      const { name, type, publicKey } = key.value;
      const id = keyId(name, type, publicKey).toString(16).padStart(8, '0');
      return { name, type, publicKey: toHex(publicKey), keyId: id };
    }),
    'vkey.format': operation(z.object({ name: text, type: z.literal([1, 4]), publicKey: bytes }), (key) => ({
      vkey: formatVkey(key),
    })),
    'checkpoint.sign': operation(
      z.object({ federation, signingSeed: bytes, size: count, root: bytes }),
      (input) => {
        const seed = input.signingSeed;
        const head = signHead(input.federation, input, { seed, publicKey: signingPublicKey(seed), ed25519 });
        const checkpoint = checkpointNote(head, input.federation);
        return { author: head.author, signature: toHex(head.signature), checkpoint };
      },
    ),
    'checkpoint.read': operation(z.object({ federation, bytes }), (input) => {
      const read = readHead(input.bytes, input.federation, ed25519);
      if (!read.ok) return { refused: read.reason };
      const { author, size, root, signature } = read.value.head;
      return { author, size, root: toHex(root), signature: toHex(signature) };
    }),
    'tlog-proof.verify': operation(
      z.object({ log: text, witness: text, proof: text, entry: bytes }),
      ({ log, witness, proof, entry }) => {
        const parsed = parseTlogProofUnverified(utf8(proof));
        const trust = { log: verifierOf(log, ed25519), witnesses: [verifierOf(witness, ed25519)] };
        const verified = parsed.ok ? verifyTlogProof(parsed.value, entry, trust) : parsed;
        if (!verified.ok) return { refused: verified.reason };
        const { index, checkpoint, cosignatures } = verified.value;
        const cosigned = cosignatures.map(({ name }) => name);
        return { index, size: checkpoint.size, root: toHex(checkpoint.root), cosigned };
      },
    ),
  };
}

const TILE_OPERATIONS: Operations = {
  'tile.parse-path': operation(z.object({ path: text }), ({ path }) => {
    const name = parseTilePath(path);
    return name.ok ? name.value : { refused: name.reason };
  }),
  'tile.format-path': operation(tileName, (name) => ({ path: formatTilePath(name) })),
  'tile.hashes': operation(z.object({ size: count, path: text }), ({ size, path }) => {
    const name = parseTilePath(path);
    if (!name.ok || name.value.level === 'entries') throw new TypeError(`${path} is no tile`);
    const entries = Array.from({ length: size }, (_, i) => utf8(`entry ${i}`));
    const tile = tileBytes(treeOf(entries), { ...name.value, level: name.value.level });
    return { tile: tile === null ? null : toHex(tile) };
  }),
  'bundle.encode': operation(z.object({ entries: byteStrings }), ({ entries }) => ({
    bundle: toHex(encodeEntryBundle(entries)),
  })),
  'bundle.decode': operation(z.object({ bundle: bytes, width: count }), ({ bundle, width }) => {
    const entries = decodeEntryBundle(bundle, width);
    return entries.ok ? { entries: entries.value.map(toHex) } : { refused: entries.reason };
  }),
};

function treeOf(entries: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const entry of entries) tree.append(leafHash(entry));
  return tree;
}

function verifierOf(vkey: string, ed25519: Ed25519): NoteVerifier {
  const key = parseVkey(vkey);
  if (!key.ok) throw new TypeError(key.detail);
  return noteVerifier(key.value, ed25519);
}
