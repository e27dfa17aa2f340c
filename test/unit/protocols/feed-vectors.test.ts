import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { fromHex, toHex, utf8 } from '../../../protocols/base/bytes.ts';
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
import { pureEd25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { nativeEd25519 } from '../../../services/keys/index.ts';
import { FEED_FILES } from '../../support/vectors/feed-shapes.ts';
import { treeOf } from '../../support/vectors/tree.ts';

const FOLDER = new URL('../../../protocols/vectors/', import.meta.url);
const native = nativeEd25519();

function read<F extends keyof typeof FEED_FILES>(file: F): z.infer<(typeof FEED_FILES)[F]> {
  const content: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
  return FEED_FILES[file].parse(content) as z.infer<(typeof FEED_FILES)[F]>;
}

describe('the specification', () => {
  const document = readFileSync(new URL('../spec/12-feeds.md', FOLDER), 'utf8');
  const examples = [
    read('checkpoint.json').signed.find(({ id }) => id === 'three')?.checkpoint,
    read('tlog-proof.json').accepted.find(({ id }) => id === 'last')?.proof,
  ];

  it('shows the examples as they are', () => {
    for (const example of examples) expect(document).toContain(example?.replace(/^(?=.)/gm, '    '));
  });
});

describe('tree.json', () => {
  const { roots, inclusion, consistency } = read('tree.json');

  it.each(roots)('root: $id', ({ entries, root }) => {
    const tree = new MerkleTree();
    for (const entry of entries) tree.append(leafHash(fromHex(entry)));
    expect(toHex(tree.root())).toBe(root);
  });

  it.each(inclusion)('inclusion: $id', ({ leaf, root, proof, accepted, ...claim }) => {
    const hashes = { leaf: fromHex(leaf), root: fromHex(root), proof: proof.map(fromHex) };
    expect(verifyInclusion({ ...claim, ...hashes })).toBe(accepted);
  });

  it.each(consistency)('consistency: $id', ({ fromRoot, toRoot, proof, accepted, ...claim }) => {
    const hashes = { fromRoot: fromHex(fromRoot), toRoot: fromHex(toRoot), proof: proof.map(fromHex) };
    expect(verifyConsistency({ ...claim, ...hashes })).toBe(accepted);
  });
});

describe('checkpoint.json', () => {
  const { keys, keysRefused, signed, read: readable, refused, ...file } = read('checkpoint.json');
  const federation = file.federation as FederationId;

  it.each(keys)('key: $id', ({ name, type, publicKey, keyId: id, vkey }) => {
    const key = { name, type, publicKey: fromHex(publicKey) };
    expect(parseVkey(vkey)).toEqual({ ok: true, value: key });
    expect(formatVkey(key)).toBe(vkey);
    expect(keyId(name, type, key.publicKey)).toBe(Number.parseInt(id, 16));
  });

  it.each(keysRefused)('key refused: $id', ({ vkey, refusal }) => {
    expect(parseVkey(vkey)).toMatchObject({ ok: false, reason: refusal });
  });

  it.each(signed)('signed: $id', ({ signingSeed, size, root, author, signature, checkpoint }) => {
    const seed = fromHex(signingSeed);
    const signer = { seed, publicKey: signingPublicKey(seed), ed25519: pureEd25519 };
    const head = signHead(federation, { size, root: fromHex(root) }, signer);
    expect([head.author, toHex(head.signature)]).toEqual([author, signature]);
    expect(checkpointNote(head, federation)).toBe(checkpoint);
    expect(readHead(utf8(checkpoint), federation, native)).toMatchObject({ ok: true, value: { head } });
  });

  it.each(readable)('read: $id', ({ bytes, author, size, root, signature }) => {
    const head = { author, size, root: fromHex(root), signature: fromHex(signature) };
    expect(readHead(fromHex(bytes), federation, native)).toMatchObject({ ok: true, value: { head } });
  });

  it.each(refused)('refused: $id', ({ bytes, refusal }) => {
    const reason = { ok: false, reason: refusal };
    expect(readHead(fromHex(bytes), federation, native)).toMatchObject(reason);
  });
});

describe('tile.json', () => {
  const { paths, pathsRefused, tiles, bundles, bundlesRefused } = read('tile.json');

  it.each(paths)('path: $id', ({ path, level, index, width }) => {
    expect(parseTilePath(path)).toEqual({ ok: true, value: { level, index, width } });
    expect(formatTilePath({ level, index, width })).toBe(path);
  });

  it.each(pathsRefused)('path refused: $id', ({ path, refusal }) => {
    expect(parseTilePath(path)).toMatchObject({ ok: false, reason: refusal });
  });

  it.each(tiles)('tile: $id', ({ size, path, tile }) => {
    const name = parseTilePath(path);
    if (!name.ok || name.value.level === 'entries') throw new Error('not the path of a tile');
    const bytes = tileBytes(treeOf(size), { ...name.value, level: name.value.level });
    expect(bytes === null ? null : toHex(bytes)).toBe(tile);
  });

  it.each(bundles)('bundle: $id', ({ entries, bundle }) => {
    expect(toHex(encodeEntryBundle(entries.map(fromHex)))).toBe(bundle);
    const value = entries.map(fromHex);
    expect(decodeEntryBundle(fromHex(bundle), entries.length)).toEqual({ ok: true, value });
  });

  it.each(bundlesRefused)('bundle refused: $id', ({ bundle, width, refusal }) => {
    expect(decodeEntryBundle(fromHex(bundle), width)).toMatchObject({ ok: false, reason: refusal });
  });
});

describe('tlog-proof.json', () => {
  const { log, witness, accepted, refused } = read('tlog-proof.json');
  const trust = { log: verifierOf(log), witnesses: [verifierOf(witness)] };

  function verifierOf(vkey: string): NoteVerifier {
    const key = parseVkey(vkey);
    if (!key.ok) throw new Error(key.detail);
    return noteVerifier(key.value, native);
  }

  function verify(proof: string, entry: string) {
    const parsed = parseTlogProofUnverified(utf8(proof));
    return parsed.ok ? verifyTlogProof(parsed.value, fromHex(entry), trust) : parsed;
  }

  it.each(accepted)('accepted: $id', ({ proof, entry, index, size, root, cosigned }) => {
    expect(verify(proof, entry)).toMatchObject({
      ok: true,
      value: {
        index,
        checkpoint: { origin: trust.log.name, size, root: fromHex(root) },
        cosignatures: cosigned.map((name) => ({ name })),
      },
    });
  });

  it.each(refused)('refused: $id', ({ proof, entry, refusal }) => {
    expect(verify(proof, entry)).toMatchObject({ ok: false, reason: refusal });
  });
});
