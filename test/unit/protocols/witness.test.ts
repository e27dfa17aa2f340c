import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import {
  checkpointNote,
  checkpointText,
  cosign,
  cosignatureLine,
  cosignatureVerifier,
  cosignedAnswer,
  ed25519Verifier,
  emptyRoot,
  feedNoteKey,
  formatWitnessPolicy,
  formatWitnessRequest,
  judgeAuthor,
  judgeGrowth,
  leafHash,
  MerkleTree,
  type NoteSignature,
  parseCosignatureUnverified,
  parseNoteUnverified,
  parseWitnessPolicy,
  parseWitnessRequestUnverified,
  quorumTime,
  readWitnessAnswer,
  refusedAnswer,
  signatureLine,
  signHead,
  verifyCosignature,
  verifyNote,
  type WitnessedHead,
  witnessNoteKey,
} from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { charterOf, signerOf } from '../../support/federation.ts';

const federation = charterOf().id;
const lab = signerOf('example-lab');
const witness = signerOf('example-regulator');
const labKey = memberKey(lab.publicKey);
const witnessKey = witnessNoteKey(federation, memberKey(witness.publicKey));
const author = ed25519Verifier(feedNoteKey(federation, labKey).name, lab.publicKey, lab.ed25519);
const TIME = 1_790_000_000;

function treeOf(entries: number, branch = 'main'): MerkleTree {
  const tree = new MerkleTree();
  for (let i = 0; i < entries; i++) tree.append(leafHash(utf8(`${branch} ${i}`)));
  return tree;
}

const noteAt = (tree: MerkleTree, size = tree.size) =>
  checkpointNote(signHead(federation, { size, root: tree.root(size) }, lab), federation);

function requestOf(oldSize: number, tree: MerkleTree, proof = tree.consistencyProof(oldSize)) {
  const parsed = parseWitnessRequestUnverified(utf8(formatWitnessRequest(oldSize, proof, noteAt(tree))));
  if (!parsed.ok) throw new TypeError(parsed.detail);
  return parsed.value;
}

/** In base64: the last bits of 32 bytes end two short of the last letter's. */
function nextLetter(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return letters[letters.indexOf(letter) + 1] ?? '';
}

const reasonOf = (result: { readonly ok: boolean; readonly reason?: string }) =>
  result.ok ? null : result.reason;

describe('a cosignature', () => {
  const text = checkpointText(federation, { author: labKey, size: 3, root: treeOf(3).root() });
  const cosignature = cosign(utf8(text), TIME, witness);

  it('verifies over its text, its time and its witness, and over nothing else', () => {
    const verify = (over: string, time = TIME, key = witness.publicKey) =>
      verifyCosignature(utf8(over), { ...cosignature, time }, key, witness.ed25519);
    expect(verify(text)).toBe(true);
    expect(verify(text.replace('\n3\n', '\n4\n'))).toBe(false);
    expect(verify(text, TIME + 1)).toBe(false);
    expect(verify(text, TIME, lab.publicKey)).toBe(false);
    expect(verify(text, -1)).toBe(false);
  });

  it('is a line of the note, beside that of the author', () => {
    const line = cosignatureLine(witnessKey, cosignature);
    const head = signHead(federation, { size: 3, root: treeOf(3).root() }, lab);
    const note = parseNoteUnverified(utf8(checkpointNote(head, federation, [line])));
    if (!note.ok) throw new TypeError(note.detail);
    const known = [author, cosignatureVerifier(witnessKey, witness.ed25519)];
    const verified = verifyNote(note.value, known);
    expect(verified.ok && verified.value.map(({ name }) => name)).toEqual([author.name, witnessKey.name]);
    expect(parseCosignatureUnverified(line.signature)).toEqual(cosignature);
  });

  it('has 72 bytes and a time that can be told', () => {
    const { signature } = cosignatureLine(witnessKey, cosignature);
    expect(parseCosignatureUnverified(signature.subarray(1))).toBeNull();
    const late = Uint8Array.from(signature).fill(0xff, 0, 8);
    expect(parseCosignatureUnverified(late)).toBeNull();
  });
});

describe('a request to a witness', () => {
  it('is read as it was written', () => {
    const tree = treeOf(7);
    const { oldSize, proof, checkpoint } = requestOf(3, tree);
    expect({ oldSize, proof, size: checkpoint.size }).toEqual({
      oldSize: 3,
      proof: tree.consistencyProof(3),
      size: 7,
    });
  });

  it('has one spelling', () => {
    const good = formatWitnessRequest(3, treeOf(7).consistencyProof(3), noteAt(treeOf(7)));
    const hash = good.split('\n')[1] as string;
    const spoiled = {
      'no-old-line': good.replace('old 3\n', ''),
      'old-leading-zero': good.replace('old 3', 'old 03'),
      'old-negative': good.replace('old 3', 'old -3'),
      'old-not-exact': good.replace('old 3', 'old 9007199254740993'),
      'hash-cut': good.replace(hash, hash.slice(4)),
      'hash-with-bits-after-its-end': good.replace(
        hash,
        `${hash.slice(0, -2)}${nextLetter(hash.at(-2) ?? '')}=`,
      ),
      'too-many-hashes': good.replace('old 3\n', `old 3\n${`${hash}\n`.repeat(63)}`),
      'carriage-return': good.replace('old 3\n', 'old 3\r\n'),
      'no-empty-line': good.replaceAll('\n\n', '\n'),
      'no-signature': good.slice(0, good.indexOf('\u2014')),
      'size-leading-zero': good.replace('\n7\n', '\n07\n'),
      'too-large': good + '\u2014 a AAAAAAAA\n'.repeat(2_000),
    };
    expect(reasonOf(parseWitnessRequestUnverified(utf8(good)))).toBeNull();
    for (const [id, text] of Object.entries(spoiled))
      expect([id, reasonOf(parseWitnessRequestUnverified(utf8(text)))]).toEqual([id, 'request-malformed']);
  });
});

describe('the judgement of a witness', () => {
  const last = (tree: MerkleTree): WitnessedHead => ({ size: tree.size, root: tree.root() });
  const never: WitnessedHead = { size: 0, root: emptyRoot() };

  it('knows the author or refuses', () => {
    expect(reasonOf(judgeAuthor(requestOf(0, treeOf(3)), null))).toBe('log-unknown');
    const other = ed25519Verifier(author.name, witness.publicKey, witness.ed25519);
    expect(reasonOf(judgeAuthor(requestOf(0, treeOf(3)), other))).toBe('signature-untrusted');
    expect(reasonOf(judgeAuthor(requestOf(0, treeOf(3)), author))).toBeNull();
    const shrunk = { ...requestOf(0, treeOf(3)), oldSize: 4 };
    expect(reasonOf(judgeAuthor(shrunk, author))).toBe('old-too-large');
  });

  it('lets a feed grow and nothing else', () => {
    const cases: [string, ReturnType<typeof requestOf>, WitnessedHead, string | null][] = [
      ['first', requestOf(0, treeOf(3)), never, null],
      ['empty', requestOf(0, treeOf(0)), never, null],
      ['grown', requestOf(3, treeOf(8)), last(treeOf(3)), null],
      ['again', requestOf(3, treeOf(3)), last(treeOf(3)), null],
      ['stale', requestOf(2, treeOf(8)), last(treeOf(3)), 'old-stale'],
      ['smaller', requestOf(2, treeOf(2)), last(treeOf(3)), 'old-stale'],
      ['other-root', requestOf(3, treeOf(3, 'fork')), last(treeOf(3)), 'root-conflict'],
      ['other-past', requestOf(3, treeOf(8, 'fork')), last(treeOf(3)), 'proof-invalid'],
      ['no-proof', requestOf(3, treeOf(8), []), last(treeOf(3)), 'proof-invalid'],
      ['proof-from-nothing', requestOf(0, treeOf(3), [emptyRoot()]), never, 'proof-invalid'],
      ['proof-to-itself', requestOf(3, treeOf(3), [emptyRoot()]), last(treeOf(3)), 'proof-invalid'],
    ];
    for (const [id, request, before, reason] of cases)
      expect([id, reasonOf(judgeGrowth(request, before))]).toEqual([id, reason]);
  });
});

describe('the answer of a witness', () => {
  const text = checkpointText(federation, { author: labKey, size: 3, root: treeOf(3).root() });
  const line = (over: string) => cosignatureLine(witnessKey, cosign(utf8(over), TIME, witness));
  const read = (body: string) =>
    readWitnessAnswer(cosignedAnswer(body), text, witnessKey, witness.ed25519).kind;

  it('counts with a cosignature over what was sent, whatever else it says', () => {
    const stranger: NoteSignature = { ...line(text), name: 'stranger.example' };
    expect(read(signatureLine(line(text)))).toBe('cosigned');
    expect(read(`${signatureLine(stranger)}${signatureLine(line(text))}`)).toBe('cosigned');
    expect(read(signatureLine(stranger))).toBe('refused');
    expect(read(signatureLine(line(text.replace('\n3\n', '\n2\n'))))).toBe('refused');
    expect(read('')).toBe('refused');
  });

  it('tells a size where the size was the reason', () => {
    const reply = (answer: ReturnType<typeof refusedAnswer>) =>
      readWitnessAnswer(answer, text, witnessKey, witness.ed25519);
    expect(refusedAnswer('old-stale', 12)).toEqual({
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '12\n',
    });
    expect(reply(refusedAnswer('old-stale', 12))).toEqual({ kind: 'stale', size: 12 });
    expect(reply(refusedAnswer('root-conflict', 12))).toEqual({ kind: 'refused', status: 409 });
    expect(reply({ ...refusedAnswer('old-stale', 12), body: '012\n' })).toEqual({
      kind: 'refused',
      status: 409,
    });
    expect(reply(refusedAnswer('proof-invalid', 12))).toEqual({ kind: 'refused', status: 422 });
  });
});

describe('a witness policy', () => {
  const groups = [
    { name: 'labs', threshold: 1, members: ['lab-a', 'lab-b'] },
    { name: 'public', threshold: 2, members: ['academy', 'agency', 'outside'] },
    { name: 'all', threshold: 2, members: ['labs', 'public'] },
  ];
  const timeOf = (times: Record<string, number>, quorum: string | null = 'all') =>
    quorumTime({ groups, quorum }, (name) => times[name] ?? null);

  it('holds from the time at which its last threshold was reached', () => {
    expect(timeOf({ 'lab-a': 5, academy: 3, outside: 9 })).toBe(9);
    expect(timeOf({ 'lab-a': 50, 'lab-b': 4, academy: 3, outside: 9, agency: 1 })).toBe(4);
    expect(timeOf({ 'lab-a': 5, academy: 3 })).toBeNull();
    expect(timeOf({ academy: 3, agency: 3, outside: 3 })).toBeNull();
    expect(timeOf({ academy: 3 }, 'academy')).toBe(3);
  });

  it('never holds without a quorum, nor by a name said twice or one defined later', () => {
    expect(timeOf({ 'lab-a': 5, academy: 3, outside: 9 }, null)).toBeNull();
    const twice = [{ name: 'g', threshold: 2, members: ['a', 'a'] }];
    expect(quorumTime({ groups: twice, quorum: 'g' }, () => 1)).toBeNull();
    const circular = [
      { name: 'g', threshold: 1, members: ['h'] },
      { name: 'h', threshold: 1, members: ['g'] },
    ];
    expect(quorumTime({ groups: circular, quorum: 'h' }, () => null)).toBeNull();
    expect(
      quorumTime({ groups: [{ name: 'g', threshold: 0, members: [] }], quorum: 'g' }, () => 1),
    ).toBeNull();
  });

  it('is read from its file as it was written', () => {
    const witnesses = ['lab-a', 'lab-b', 'academy', 'agency', 'outside'].map((name) => ({
      name,
      vkey: `${name}.example+00000000+${name}`,
      url: name === 'outside' ? 'https://outside.example/' : null,
    }));
    const file = { logs: [{ vkey: 'log+00000000+AAAA', url: null }], witnesses, groups, quorum: 'all' };
    expect(parseWitnessPolicy(formatWitnessPolicy(file))).toEqual({ ok: true, value: file });
    expect(formatWitnessPolicy({ logs: [], witnesses: [], groups: [], quorum: null })).toBe('quorum none\n');
  });

  it('may be written with comments, tabs and words for thresholds', () => {
    const text =
      '# policy\n\twitness  a k+1+A \n witness b k+1+B http://b\ngroup g all a b\n\ngroup h any g\nquorum h';
    const parsed = parseWitnessPolicy(text);
    expect(parsed.ok && parsed.value.groups.map(({ threshold }) => threshold)).toEqual([2, 1]);
  });

  it('is refused where a name could count twice or is not known', () => {
    const two = 'witness a k+1+A\nwitness b k+1+B\n';
    const refused = {
      'no-quorum': two,
      'two-quorums': `${two}quorum a\nquorum b\n`,
      'unknown-quorum': `${two}quorum c\n`,
      'name-twice': `${two}witness a k+1+C\nquorum a\n`,
      'key-twice': `${two}witness c other+2+B\nquorum a\n`,
      'named-none': 'witness none k+1+A\nquorum none\n',
      'in-two-groups': `${two}group g 1 a\ngroup h 1 a\nquorum h\n`,
      'twice-in-a-group': `${two}group g 1 a a\nquorum g\n`,
      'defined-later': `group g 1 a\n${two}quorum g\n`,
      'threshold-zero': `${two}group g 0 a b\nquorum g\n`,
      'threshold-above': `${two}group g 3 a b\nquorum g\n`,
      'threshold-leading-zero': `${two}group g 01 a b\nquorum g\n`,
      'no-members': `${two}group g all\nquorum a\n`,
      'unknown-keyword': `${two}mirror a\nquorum a\n`,
    };
    for (const [id, text] of Object.entries(refused))
      expect([id, reasonOf(parseWitnessPolicy(text))]).toEqual([id, 'policy-malformed']);
  });
});
