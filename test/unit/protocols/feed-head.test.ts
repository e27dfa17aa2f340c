import { describe, expect, it } from 'vitest';
import { byteText, utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import { documentName } from '../../../protocols/codec/cid.ts';
import {
  checkpointNote,
  checkpointText,
  ed25519Verifier,
  emptyRoot,
  feedNoteKey,
  type Head,
  leafHash,
  origin,
  parseCheckpointText,
  parseHeadUnverified,
  parseOrigin,
  signatureLine,
  signHead,
  verifyHead,
  verifyNote,
} from '../../../protocols/feed/index.ts';
import { SIGNATURE_DOMAIN } from '../../../protocols/message/index.ts';
import { signerOf } from '../../support/federation.ts';
import { contentCid } from '../../support/samples.ts';

const federation = documentName(utf8('a federation')) as FederationId;
const other = documentName(utf8('another')) as FederationId;
const signer = signerOf('example-lab');
const { ed25519 } = signer;
const root = leafHash(utf8('entry'));
const head = signHead(federation, { size: 1, root }, signer);
const reasonOf = (result: { readonly ok: boolean }) => ('reason' in result ? result.reason : 'accepted');
const readNote = (text: string) => parseHeadUnverified(utf8(text), federation);

describe('a head', () => {
  it('verifies as signed, and with nothing changed', () => {
    expect(verifyHead(head, federation, ed25519)).toBe(true);
    const wrong: Partial<Head>[] = [
      { size: 2 },
      { size: 1.5 },
      { size: -1 },
      { root: leafHash(utf8('other')) },
      { root: root.subarray(1) },
      { signature: head.signature.with(0, 1) },
      { signature: head.signature.subarray(1) },
      { author: origin(federation, head.author) as MemberKey },
    ];
    for (const changes of wrong) expect(verifyHead({ ...head, ...changes }, federation, ed25519)).toBe(false);
    expect(verifyHead(head, other, ed25519)).toBe(false);
  });

  it('signs neither a fraction nor half a root', () => {
    expect(() => signHead(federation, { size: 0.5, root }, signer)).toThrow(TypeError);
    expect(() => signHead(federation, { size: 1, root: root.subarray(1) }, signer)).toThrow(TypeError);
  });

  it('signs what neither a message nor a cosignature begins with', () => {
    const firsts = [byteText(SIGNATURE_DOMAIN), 'cosignature/v1\n', checkpointText(federation, head)];
    for (const a of firsts) for (const b of firsts) if (a !== b) expect(a.startsWith(b)).toBe(false);
    expect(checkpointText(federation, head)).toMatch(/^analog-oversight\/feed\//);
  });
});

describe('a checkpoint', () => {
  it('is a note that other tools verify, and reads back', () => {
    const text = checkpointNote(head, federation);
    const read = readNote(text);
    expect(read).toMatchObject({ ok: true, value: { head } });
    if (!read.ok) return;
    const { name, publicKey } = feedNoteKey(federation, head.author);
    expect(verifyNote(read.value.note, [ed25519Verifier(name, publicKey, ed25519)]).ok).toBe(true);
  });

  it('keeps the signatures of others', () => {
    const witness = { name: 'witness.example/w1', keyId: 7, signature: new Uint8Array(72) };
    const read = readNote(checkpointNote(head, federation, [witness]));
    expect(read).toMatchObject({ ok: true, value: { head, note: { signatures: [{}, witness] } } });
  });

  const note = checkpointNote(head, federation);
  const [name = ''] = note.split('\n');
  const ownLine = note.slice(note.indexOf('\u2014'));
  const differing = checkpointNote({ ...head, signature: head.signature.with(0, 1) }, federation);
  it.each([
    ['no size', note.replace('\n1\n', '\n'), 'checkpoint-invalid'],
    ['a leading zero', note.replace('\n1\n', '\n01\n'), 'checkpoint-invalid'],
    ['a size over 2^53', note.replace('\n1\n', '\n9007199254740993\n'), 'checkpoint-invalid'],
    ['a sign', note.replace('\n1\n', '\n+1\n'), 'checkpoint-invalid'],
    ['a short root', note.replace(/\n\S{44}\n/, '\nAAAA\n'), 'checkpoint-invalid'],
    ['an extension', note.replace('\n\n', '\nextension\n\n'), 'checkpoint-invalid'],
    ['an empty line', note.replace('\n\n', '\n\n\n'), 'checkpoint-invalid'],
    ['an origin of something else', note.replaceAll(name, 'example.com/log'), 'checkpoint-invalid'],
    ['an origin longer than its own', note.replaceAll(name, `${name}/x`), 'checkpoint-invalid'],
    ['an origin of content', note.replaceAll(federation, contentCid('x')), 'checkpoint-invalid'],
    ['another federation', checkpointNote(signHead(other, head, signer), other), 'wrong-federation'],
    ['a stranger alone', note.replace(`\u2014 ${name}`, '\u2014 stranger'), 'unsigned'],
    ['another key id', note.replace(/ \S+\n$/, ` ${'A'.repeat(91)}=\n`), 'unsigned'],
    ['two signatures by its author', note + differing.slice(differing.indexOf('\u2014')), 'unsigned'],
    ['one signature twice', note + ownLine, 'accepted'],
    ['no signature line', note.replace(ownLine, ''), 'note-invalid'],
  ])('with %s', (_, text, reason) => {
    expect(reasonOf(readNote(text))).toBe(reason);
  });

  it('of any log reads with its extensions', () => {
    const published = `example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`;
    expect(parseCheckpointText(`${published}one\n`)).toMatchObject({
      ok: true,
      value: { origin: 'example.com/behind-the-sofa', size: 20852163, extensions: ['one'] },
    });
    expect(reasonOf(parseCheckpointText(`${published}\none\n`))).toBe('checkpoint-invalid');
    expect(reasonOf(parseCheckpointText(published.slice(0, -1)))).toBe('checkpoint-invalid');
  });

  it('of an empty feed has the root of nothing', () => {
    const empty = signHead(federation, { size: 0, root: emptyRoot() }, signer);
    expect(checkpointText(federation, empty)).toContain(
      '\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
    );
  });
});

describe('an origin', () => {
  it('names federation and author in one spelling', () => {
    expect(parseOrigin(origin(federation, head.author))).toEqual({ federation, author: head.author });
    const line = signatureLine({ name: origin(federation, head.author), keyId: 1, signature: root });
    expect(line.split(' ')).toHaveLength(3);
    for (const text of ['', name('analog-oversight/witness/'), name('Analog-oversight/feed/')])
      expect(parseOrigin(text)).toBeNull();
  });

  function name(start: string): string {
    return origin(federation, head.author).replace('analog-oversight/feed/', start);
  }
});
