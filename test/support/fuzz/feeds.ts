import { formatHeads, parseHeadsUnverified } from '../../../protocols/audit/index.ts';
import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import {
  type Checkpoint,
  checkpointNote,
  checkpointText,
  cosign,
  cosignatureLine,
  cosignatureVerifier,
  decodeEntryBundle,
  encodeEntryBundle,
  feedNoteKey,
  formatCheckpointText,
  formatNote,
  formatTilePath,
  formatTlogProof,
  formatVkey,
  formatWitnessPolicy,
  formatWitnessRequest,
  type Hash,
  leafHash,
  MerkleTree,
  noteVerifier,
  parseCheckpointText,
  parseCosignatureUnverified,
  parseHeadUnverified,
  parseNoteUnverified,
  parseOrigin,
  parseSignatureLine,
  parseSize,
  parseTilePath,
  parseTlogProofUnverified,
  parseVkey,
  parseWitnessPolicy,
  parseWitnessRequestUnverified,
  readHead,
  readWitnessAnswer,
  signatureLine,
  signHead,
  verifyConsistency,
  verifyCosignature,
  verifyHead,
  verifyInclusion,
  verifyNote,
  verifyTlogProof,
  witnessNoteKey,
} from '../../../protocols/feed/index.ts';
import { decodeNoteText } from '../../../protocols/feed/note-text.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { charterOf, signerOf } from '../federation.ts';
import { mutateBytes, mutateData, mutateText } from '../mutations.ts';
import { pickBelow } from '../seed.ts';
import { type FuzzTarget, must, mustBe, oneOf, type Random } from './target.ts';

const federation = charterOf().id;
const author = signerOf('example-lab');
const witness = signerOf('example-academy');
const { ed25519 } = author;
const ENTRIES = Array.from({ length: 11 }, (_, i) => utf8(`entry ${i} ${'x'.repeat(i)}`));
const tree = new MerkleTree();
for (const entry of ENTRIES) tree.append(leafHash(entry));

const heads = [0, 1, 2, 7, 11].map((size) => signHead(federation, { size, root: tree.root(size) }, author));
const logKey = feedNoteKey(federation, memberKey(author.publicKey));
const witnessKey = witnessNoteKey(federation, memberKey(witness.publicKey));
const trust = { log: noteVerifier(logKey, ed25519), witnesses: [cosignatureVerifier(witnessKey, ed25519)] };
const texts = heads.map((head) => checkpointText(federation, head));
const cosignatures = texts.map((text, i) => cosign(utf8(text), 1_790_000_000 + i, witness));
const cosigned = heads.map((head, i) => {
  const cosignature = cosignatures[i];
  if (cosignature === undefined) throw new TypeError('a cosignature for each head');
  return checkpointNote(head, federation, [cosignatureLine(witnessKey, cosignature)]);
});
const notes = [...heads.map((head) => checkpointNote(head, federation)), ...cosigned];
const proofs = [0, 4, 10].map((index) =>
  formatTlogProof({ index, path: tree.inclusionProof(index, 11), extra: null }, cosigned.at(-1) ?? ''),
);
const withExtra = formatTlogProof(
  { index: 3, path: tree.inclusionProof(3, 11), extra: Uint8Array.of(1, 2, 3) },
  cosigned.at(-1) ?? '',
);
const requests = [0, 1, 2, 7].map((size) =>
  formatWitnessRequest(size, size === 0 ? [] : tree.consistencyProof(size, 11), notes[4] ?? ''),
);
const vkeys = [formatVkey(logKey), formatVkey(witnessKey)];
const policy = formatWitnessPolicy({
  logs: [{ vkey: vkeys[0] ?? '', url: 'https://log.example/' }],
  witnesses: [
    { name: 'academy', vkey: vkeys[1] ?? '', url: null },
    { name: 'agency', vkey: vkeys[0] ?? '', url: 'https://witness.example/' },
  ],
  groups: [
    { name: 'one-each', threshold: 2, members: ['academy', 'agency'] },
    { name: 'all', threshold: 1, members: ['one-each'] },
  ],
  quorum: 'all',
});
const bundle = encodeEntryBundle(ENTRIES);

/** A note's text is signed: whatever else changes, an accepted head is one that its author signed. */
function isGenuine(text: string): boolean {
  return texts.includes(text);
}

function changeOne(hashes: readonly Hash[], random: Random): Hash[] {
  const at = pickBelow(random, hashes.length);
  return hashes.map((hash, index) => (index === at ? mutateBytes(hash, random) : hash));
}

const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]) =>
  a.map(toHex).join() === b.map(toHex).join();

export const FEED_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  notes: {
    drives: [
      'protocols/feed/note.ts#parseNoteUnverified',
      'protocols/feed/note.ts#parseSignatureLine',
      'protocols/feed/note.ts#verifyNote',
      'protocols/feed/note-text.ts#decodeNoteText',
    ],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(utf8(oneOf(notes, random)), random);
      const line = mutateText(
        signatureLine(cosignatureLine(witnessKey, { time: 1, signature: new Uint8Array(64) })),
        random,
      );
      const signature = parseSignatureLine(line);
      if (signature !== null) mustBe(signatureLine(signature), `${line}\n`, 'a second spelling of a line');
      const note = parseNoteUnverified(bytes);
      const text = decodeNoteText(bytes);
      must(!note.ok || text !== null, 'a note that is no text');
      if (!note.ok) return false;
      mustBe(formatNote(note.value.text, note.value.signatures), text ?? '', 'a second spelling of a note');
      const verified = verifyNote(note.value, [trust.log, ...trust.witnesses]);
      must(!verified.ok || isGenuine(note.value.text), 'a changed note verifies');
      return true;
    },
  },
  heads: {
    drives: [
      'protocols/feed/head.ts#readHead',
      'protocols/feed/head.ts#parseHeadUnverified',
      'protocols/feed/head.ts#verifyHead',
      'protocols/feed/head.ts#parseOrigin',
    ],
    // signature lines of others may change as they like
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(utf8(oneOf(notes, random)), random);
      const parsed = parseHeadUnverified(bytes, federation);
      const read = readHead(bytes, federation, ed25519);
      must(!read.ok || parsed.ok, 'a head that was not parsed');
      if (!parsed.ok) return false;
      const { head } = parsed.value;
      const name = checkpointText(federation, head).split('\n')[0] ?? '';
      mustBe(
        JSON.stringify(parseOrigin(name)),
        JSON.stringify({ federation, author: head.author }),
        'origin',
      );
      must(read.ok === verifyHead(head, federation, ed25519), 'read and verify differ');
      if (read.ok) must(isGenuine(checkpointText(federation, head)), 'a changed head verifies');
      return read.ok;
    },
  },
  checkpoints: {
    drives: ['protocols/feed/checkpoint.ts#parseCheckpointText', 'protocols/feed/checkpoint.ts#parseSize'],
    accepts: true,
    run: (random) => {
      const text = mutateText(oneOf(texts, random), random);
      const size = mutateText(String(pickBelow(random, 2 ** 40)), random);
      const count = parseSize(size);
      if (count !== null) mustBe(String(count), size, 'a second spelling of a size');
      const parsed = parseCheckpointText(text);
      if (!parsed.ok) return false;
      const { extensions }: Checkpoint = parsed.value;
      const again = formatCheckpointText(parsed.value) + extensions.map((line) => `${line}\n`).join('');
      mustBe(again, text, 'a second spelling of a checkpoint');
      return true;
    },
  },
  'note-keys': {
    drives: ['protocols/feed/note-key.ts#parseVkey'],
    // the key id is a hash of all of it
    accepts: false,
    run: (random) => {
      const text = mutateText(oneOf(vkeys, random), random);
      const key = parseVkey(text);
      must(!key.ok || vkeys.includes(text), 'a changed vkey is one');
      return false;
    },
  },
  tiles: {
    drives: ['protocols/feed/tiles.ts#parseTilePath', 'protocols/feed/tiles.ts#decodeEntryBundle'],
    accepts: true,
    run: (random) => {
      const name = {
        level: oneOf(['entries', 0, 1, 7, 63] as const, random),
        index: pickBelow(random, 10 ** pickBelow(random, 12)),
        width: 1 + pickBelow(random, 256),
      };
      const path = mutateText(formatTilePath(name), random);
      const parsed = parseTilePath(path);
      if (parsed.ok) mustBe(formatTilePath(parsed.value), path, 'a second path');
      const bytes = mutateBytes(bundle, random);
      const width = oneOf([ENTRIES.length, ENTRIES.length - 1, 1], random);
      const entries = decodeEntryBundle(bytes, width);
      if (entries.ok) mustBe(toHex(encodeEntryBundle(entries.value)), toHex(bytes), 'a second bundle');
      return parsed.ok || entries.ok;
    },
  },
  'tlog-proofs': {
    drives: [
      'protocols/feed/tlog-proof.ts#parseTlogProofUnverified',
      'protocols/feed/tlog-proof.ts#verifyTlogProof',
    ],
    // extra data is not authenticated
    accepts: true,
    run: (random) => {
      const text = oneOf([...proofs, withExtra], random);
      const bytes = mutateBytes(utf8(text), random);
      const parsed = parseTlogProofUnverified(bytes);
      if (!parsed.ok) return false;
      const { note, index } = parsed.value;
      const again = formatTlogProof(parsed.value, formatNote(note.text, note.signatures));
      mustBe(again, decodeNoteText(bytes) ?? '', 'a second spelling of a proof');
      const entry = ENTRIES[index] ?? utf8('an entry that was never made');
      const verified = verifyTlogProof(parsed.value, entry, trust);
      if (verified.ok) must(isGenuine(note.text) && index < ENTRIES.length, 'a changed proof verifies');
      const wrong = verifyTlogProof(parsed.value, mutateBytes(utf8('no entry'), random), trust);
      must(!wrong.ok, 'a proof of an entry that is not there');
      return verified.ok;
    },
  },
  proofs: {
    drives: ['protocols/feed/proofs.ts#verifyInclusion', 'protocols/feed/proofs.ts#verifyConsistency'],
    accepts: false,
    run: (random) => {
      const size = 1 + pickBelow(random, 11);
      const index = pickBelow(random, size);
      const leaf = tree.leaf(index);
      const parts = [leaf, tree.root(size), ...tree.inclusionProof(index, size)];
      const changed = changeOne(parts, random);
      const [otherLeaf = leaf, root = leaf, ...proof] = changed;
      must(
        same(parts, changed) || !verifyInclusion({ index, size, leaf: otherLeaf, root, proof }),
        'a changed inclusion proof verifies',
      );
      const from = 1 + pickBelow(random, size);
      const hashes = [tree.root(from), tree.root(size), ...tree.consistencyProof(from, size)];
      const others = changeOne(hashes, random);
      const [fromRoot = leaf, toRoot = leaf, ...path] = others;
      must(
        same(hashes, others) || !verifyConsistency({ from, fromRoot, to: size, toRoot, proof: path }),
        'a changed consistency proof verifies',
      );
      return false;
    },
  },
  cosignatures: {
    drives: [
      'protocols/feed/cosignature.ts#parseCosignatureUnverified',
      'protocols/feed/cosignature.ts#verifyCosignature',
    ],
    accepts: false,
    run: (random) => {
      const at = pickBelow(random, texts.length);
      const cosignature = oneOf(cosignatures, random);
      const line = cosignatureLine(witnessKey, cosignature).signature;
      const bytes = mutateBytes(line, random);
      const parsed = parseCosignatureUnverified(bytes);
      if (parsed === null) return false;
      mustBe(toHex(cosignatureLine(witnessKey, parsed).signature), toHex(bytes), 'a second spelling');
      const verifies = verifyCosignature(utf8(texts[at] ?? ''), parsed, witness.publicKey, ed25519);
      must(!verifies || cosignatures[at] === cosignature, 'a changed cosignature verifies');
      must(!verifies || toHex(bytes) === toHex(line), 'a changed cosignature verifies');
      return false;
    },
  },
  'witness-requests': {
    drives: ['protocols/feed/witness-request.ts#parseWitnessRequestUnverified'],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(utf8(oneOf(requests, random)), random);
      const parsed = parseWitnessRequestUnverified(bytes);
      if (!parsed.ok) return false;
      const { oldSize, proof, note } = parsed.value;
      const again = formatWitnessRequest(oldSize, proof, formatNote(note.text, note.signatures));
      mustBe(again, decodeNoteText(bytes) ?? '', 'a second spelling of a request');
      return true;
    },
  },
  'witness-answers': {
    drives: ['protocols/feed/witness-answer.ts#readWitnessAnswer'],
    accepts: true,
    run: (random) => {
      const at = pickBelow(random, texts.length);
      const cosignature = cosignatures[at];
      if (cosignature === undefined) throw new TypeError('a cosignature for each text');
      const line = signatureLine(cosignatureLine(witnessKey, cosignature));
      const [status, contentType, body] = oneOf(
        [
          [200, 'text/plain; charset=utf-8', mutateText(line, random)],
          [200, 'text/plain', `${mutateText(line, random)}${line}`],
          [409, 'text/x.tlog.size', mutateText('11\n', random)],
          [409, 'text/plain', mutateText('11\n', random)],
          [pickBelow(random, 600), 'text/x.tlog.size', '11\n'],
        ] as const,
        random,
      );
      const reply = readWitnessAnswer({ status, contentType, body }, texts[at] ?? '', witnessKey, ed25519);
      if (reply.kind === 'cosigned') must(reply.cosignature.time === cosignature.time, 'another time');
      if (reply.kind === 'stale') mustBe(`${reply.size}\n`, body, 'another size');
      return reply.kind !== 'refused';
    },
  },
  'remembered-heads': {
    drives: ['protocols/audit/history.ts#parseHeadsUnverified'],
    accepts: true,
    run: (random) => {
      const read = parseHeadsUnverified(mutateData(JSON.parse(formatHeads({ federation, heads })), random));
      if (!read.ok) return false;
      for (const head of read.value.heads)
        if (verifyHead(head, federation, ed25519))
          must(isGenuine(checkpointText(federation, head)), 'a changed head verifies');
      return true;
    },
  },
  'witness-policies': {
    drives: ['protocols/feed/policy-file.ts#parseWitnessPolicy'],
    accepts: true,
    run: (random) => {
      const parsed = parseWitnessPolicy(mutateText(policy, random));
      if (!parsed.ok) return false;
      // spaces and comments are free; what a policy says is not
      const again = parseWitnessPolicy(formatWitnessPolicy(parsed.value));
      must(again.ok, 'a policy that cannot be written');
      if (again.ok) mustBe(JSON.stringify(again.value), JSON.stringify(parsed.value), 'another policy');
      return true;
    },
  },
};
