import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId } from '../../protocols/base/ids.ts';
import { documentName } from '../../protocols/codec/cid.ts';
import {
  checkpointNote,
  checkpointText,
  ed25519Verifier,
  feedNoteKey,
  formatTilePath,
  formatVkey,
  leafHash,
  MerkleTree,
  parseNoteUnverified,
  parseTilePath,
  parseVkey,
  signHead,
  tileBytes,
  tileWidth,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '../../protocols/feed/index.ts';
import { nativeSha256 } from '../../services/keys/index.ts';
import { signerOf } from '../support/federation.ts';
import { testSeed } from '../support/seed.ts';

/** The feed as it goes to the reference and as it comes back; byte strings are base64. */
interface FeedJson {
  readonly vkey: string;
  readonly checkpoint: string;
  readonly tiles: Readonly<Record<string, string>>;
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly proof: string[] }[];
  readonly consistency: readonly { readonly from: number; readonly to: number; readonly proof: string[] }[];
}

/** Downloads one module, compiles one program. */
const BUILD_LIMIT_MS = 240_000;
const SOURCE = fileURLToPath(new URL('tlog/', import.meta.url));
const federation = documentName(utf8('a federation')) as FederationId;
const signer = signerOf('example-lab');
const seed = testSeed();

let folder = '';
let program = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlog-'));
  program = join(folder, 'tlog');
  try {
    execFileSync('go', ['build', '-o', program, '.'], {
      cwd: SOURCE,
      encoding: 'utf8',
      timeout: BUILD_LIMIT_MS,
    });
  } catch (cause) {
    throw new Error('needs Go 1.26 and its module proxy, to build golang.org/x/mod/sumdb', { cause });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the reference finds wrong with a feed, and what it makes of the same entries. */
async function ask(given: object): Promise<{ faults: readonly string[]; made: FeedJson }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(program, { maxBuffer: 2 ** 28 }, (error, stdout) =>
    error === null ? resolve(stdout) : reject(error),
  );
  child.stdin?.end(JSON.stringify(given));
  return JSON.parse(await promise) as { faults: readonly string[]; made: FeedJson };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

function feedOf(size: number) {
  const entries = Array.from({ length: size }, (_, i) => utf8(`entry ${i}`));
  const tree = new MerkleTree(nativeSha256);
  for (const entry of entries) tree.append(leafHash(entry, nativeSha256));
  const head = signHead(federation, { size, root: tree.root() }, signer);
  const tiles: Record<string, string> = {};
  for (let level = 0; tileWidth(size, { level, index: 0 }) > 0; level++)
    for (let index = 0; tileWidth(size, { level, index }) > 0; index++) {
      const name = { level, index, width: tileWidth(size, { level, index }) };
      tiles[formatTilePath(name)] = base64(tileBytes(tree, name) as Uint8Array);
    }
  const pick = fc.nat(size - 1);
  const pairs = fc
    .sample(fc.tuple(pick, pick), { numRuns: 100, seed })
    .map(([a, b]) => [a, b].sort((x, y) => x - y));
  const given: FeedJson & { readonly entries: string[] } = {
    vkey: formatVkey(feedNoteKey(federation, head.author)),
    checkpoint: checkpointNote(head, federation),
    entries: entries.map(base64),
    tiles,
    inclusion: pairs.map(([index = 0, last = 0]) => {
      const proof = tree.inclusionProof(index, last + 1).map(base64);
      return { index, size: last + 1, proof };
    }),
    consistency: pairs.map(([first = 0, last = 0]) => {
      const proof = tree.consistencyProof(first + 1, last + 1).map(base64);
      return { from: first + 1, to: last + 1, proof };
    }),
  };
  return { tree, head, given };
}

describe.each([1, 2, 7, 255, 256, 257, 1_000, 70_000])('a feed of %i', (size) => {
  it('is one to golang.org/x/mod/sumdb, and what that makes is one to us', async () => {
    const { tree, head, given } = feedOf(size);
    const { faults, made } = await ask(given);
    expect(faults).toEqual([]);

    expect(made.inclusion).toEqual(given.inclusion);
    for (const { index, size: at, proof } of made.inclusion) {
      const claim = { index, size: at, leaf: tree.leaf(index), root: tree.root(at) };
      expect(verifyInclusion({ ...claim, proof: proof.map(fromBase64) })).toBe(true);
    }
    expect(made.consistency).toEqual(given.consistency);
    for (const { from, to, proof } of made.consistency) {
      const claim = { from, fromRoot: tree.root(from), to, toRoot: tree.root(to) };
      expect(verifyConsistency({ ...claim, proof: proof.map(fromBase64) })).toBe(true);
    }
    for (const [path, bytes] of Object.entries(made.tiles)) {
      expect(parseTilePath(path).ok).toBe(true);
      expect(given.tiles[path]).toBe(bytes);
    }
    expect(Object.keys(given.tiles).every((path) => path in made.tiles)).toBe(true);

    const key = parseVkey(made.vkey);
    const note = parseNoteUnverified(utf8(made.checkpoint));
    if (!key.ok || !note.ok) throw new Error('the key or the note of the reference does not parse');
    expect(formatVkey(key.value)).toBe(made.vkey);
    expect(note.value.text).toBe(checkpointText(federation, head));
    const verifier = ed25519Verifier(key.value.name, key.value.publicKey, signer.ed25519);
    expect(verifyNote(note.value, [verifier]).ok).toBe(true);
  });
});

it('a feed with anything changed is none to golang.org/x/mod/sumdb', async () => {
  const { given } = feedOf(300);
  const flip = (text: string) => base64(fromBase64(text).map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
  const otherProof = <T extends { readonly proof: readonly string[] }>(claims: readonly T[]) =>
    claims
      .filter(({ proof }) => proof.length > 0)
      .map((claim) => ({ ...claim, proof: claim.proof.map(flip) }));
  const inclusion = otherProof(given.inclusion);
  const consistency = otherProof(given.consistency);
  const changes: [Partial<FeedJson>, number][] = [
    [{ checkpoint: given.checkpoint.replace('\n300\n', '\n301\n') }, 1],
    [{ inclusion }, inclusion.length],
    [{ consistency }, consistency.length],
    [{ tiles: { ...given.tiles, 'tile/0/000': flip(given.tiles['tile/0/000'] as string) } }, 1],
  ];
  for (const [change, faults] of changes)
    expect((await ask({ ...given, ...change })).faults).toHaveLength(faults);
});
