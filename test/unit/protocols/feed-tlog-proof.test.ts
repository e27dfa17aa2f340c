import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { TLOG_PROOF_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { documentName } from '../../../protocols/codec/cid.ts';
import {
  checkpointNote,
  ed25519Verifier,
  feedNoteKey,
  formatNote,
  formatTlogProof,
  leafHash,
  MerkleTree,
  type NoteSignature,
  parseTlogProofUnverified,
  signHead,
  type TlogProofTrust,
  verifyTlogProof,
} from '../../../protocols/feed/index.ts';
import { signerOf } from '../../support/federation.ts';

const federation = documentName(utf8('a federation')) as FederationId;
const signer = signerOf('example-lab');
const { ed25519 } = signer;
const entries = Array.from({ length: 6 }, (_, i) => utf8(`entry ${i}`));
const tree = new MerkleTree();
for (const entry of entries) tree.append(leafHash(entry));
const head = signHead(federation, { size: 6, root: tree.root() }, signer);
const key = feedNoteKey(federation, head.author);
const log = ed25519Verifier(key.name, key.publicKey, ed25519);

const witnessSigner = signerOf('example-regulator');
const witness = ed25519Verifier('witness.example/w1', witnessSigner.publicKey, ed25519);
const text = checkpointNote(head, federation).split('\n\n')[0];
const cosignature: NoteSignature = {
  name: witness.name,
  keyId: witness.keyId,
  signature: ed25519.sign(witnessSigner.seed, utf8(`${text}\n`)),
};
const stranger = { ...cosignature, name: 'witness.example/w2' };

const INDEX = 4;
const path = tree.inclusionProof(INDEX);
const note = checkpointNote(head, federation, [cosignature, stranger]);
const file = formatTlogProof({ index: INDEX, path, extra: null }, note);
const trust: TlogProofTrust = { log, witnesses: [witness] };

const reasonOf = (result: { readonly ok: boolean }) => ('reason' in result ? result.reason : 'accepted');
const parsed = (content: string) => parseTlogProofUnverified(utf8(content));
function verified(content: string, trusted = trust, entry = entries[INDEX] as Uint8Array) {
  const proof = parsed(content);
  return proof.ok ? verifyTlogProof(proof.value, entry, trusted) : proof;
}

describe('a proof file', () => {
  it('shows that the feed has an entry, and which witnesses saw its head', () => {
    expect(verified(file)).toMatchObject({
      ok: true,
      value: { index: INDEX, checkpoint: { size: 6, origin: log.name }, cosignatures: [cosignature] },
    });
    expect(verified(file, { log, witnesses: [] })).toMatchObject({ ok: true, value: { cosignatures: [] } });
  });

  it('of every entry verifies', () => {
    for (const [index, entry] of entries.entries()) {
      const proof = formatTlogProof({ index, path: tree.inclusionProof(index), extra: null }, note);
      expect(reasonOf(verified(proof, trust, entry))).toBe('accepted');
    }
  });

  it('reads as it was written, with extra data and without', () => {
    for (const extra of [null, utf8('extra')]) {
      const written = formatTlogProof({ index: INDEX, path, extra }, note);
      const read = parsed(written);
      expect(read).toMatchObject({ ok: true, value: { index: INDEX, path, extra } });
      if (read.ok)
        expect(
          formatTlogProof(read.value, formatNote(read.value.note.text, read.value.note.signatures)),
        ).toBe(written);
    }
    expect(() => formatTlogProof({ index: INDEX, path, extra: new Uint8Array() }, note)).toThrow(TypeError);
  });

  const noPath = file.replace(/(?<=index 4\n)(\S+\n)+/, '');
  it.each([
    ['nothing', '', 'proof-file-invalid'],
    ['another version', file.replace('@v1', '@v2'), 'proof-file-invalid'],
    ['a carriage return', file.replace('\n', '\r\n'), 'proof-file-invalid'],
    ['no index', file.replace('index 4\n', ''), 'proof-file-invalid'],
    ['a leading zero', file.replace('index 4', 'index 04'), 'proof-file-invalid'],
    ['empty extra data', file.replace('index', 'extra \nindex'), 'proof-file-invalid'],
    ['extra data that is not base64', file.replace('index', 'extra a\nindex'), 'proof-file-invalid'],
    ['extra data twice', file.replace('index', 'extra YQ==\nextra YQ==\nindex'), 'proof-file-invalid'],
    ['extra data after the index', file.replace('index 4', 'index 4\nextra YQ=='), 'proof-file-invalid'],
    ['a short hash', file.replace('index 4', 'index 4\nYQ=='), 'proof-file-invalid'],
    [
      'too many hashes',
      noPath.replace('index 4', `index 4${`\n${'A'.repeat(43)}=`.repeat(64)}`),
      'too-large',
    ],
    ['too much extra data', file.replace('index', `extra ${'YQ=='.repeat(70_000)}\nindex`), 'too-large'],
    ['no checkpoint', `${file.split('\n\n')[0]}\n\n`, 'note-invalid'],
    ['no signatures', file.slice(0, file.indexOf('\u2014')), 'note-invalid'],
    ['one line of checkpoint', file.replace(/\n6\n\S+\n\n/, '\n\n'), 'checkpoint-invalid'],
    ['another log', file.replaceAll(log.name, 'example.com/log'), 'wrong-log'],
    ['another size', file.replace('\n6\n', '\n7\n'), 'signature-invalid'],
    ['no signature of its log', file.replace(`\u2014 ${log.name}`, '\u2014 stranger'), 'unsigned'],
    ['no path', noPath, 'inclusion-invalid'],
    ['another index', file.replace('index 4', 'index 5'), 'inclusion-invalid'],
    ['an index past the end', file.replace('index 4', 'index 6'), 'inclusion-invalid'],
  ])('with %s is refused', (_, content, reason) => {
    expect(reasonOf(verified(content))).toBe(reason);
  });

  it('of another entry, or with a cosignature that does not verify, is refused', () => {
    expect(reasonOf(verified(file, trust, entries[5]))).toBe('inclusion-invalid');
    const wrong = { ...cosignature, signature: cosignature.signature.with(0, 1) };
    const spoiled = formatTlogProof(
      { index: INDEX, path, extra: null },
      checkpointNote(head, federation, [wrong]),
    );
    expect(reasonOf(verified(spoiled))).toBe('signature-invalid');
  });

  it('has a bound', () => {
    expect(reasonOf(parseTlogProofUnverified(new Uint8Array(TLOG_PROOF_LIMIT_BYTES + 1)))).toBe('too-large');
  });
});
