import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { NOTE_LIMIT_BYTES, NOTE_SIGNATURES_LIMIT } from '../../../protocols/base/limits.ts';
import {
  ed25519Verifier,
  formatNote,
  formatVkey,
  isKeyName,
  keyId,
  NOTE_KEY_TYPE,
  type NoteSignature,
  parseNoteUnverified,
  parseSignatureLine,
  parseVkey,
  signatureLine,
  verifyNote,
} from '../../../protocols/feed/index.ts';
import { pureEd25519 } from '../../../protocols/identity/ed25519.ts';
import { signerOf } from '../../support/federation.ts';

const TEXT = 'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n';
const NAME = 'quasimodo.example/salvatore';
const signer = signerOf('example-lab');
const verifier = ed25519Verifier(NAME, signer.publicKey, pureEd25519);
const signature: NoteSignature = {
  name: NAME,
  keyId: verifier.keyId,
  signature: pureEd25519.sign(signer.seed, utf8(TEXT)),
};
const parsed = (text: string) => parseNoteUnverified(utf8(text));
const reasonOf = (result: { readonly ok: boolean }) => ('reason' in result ? result.reason : 'accepted');

describe('a note', () => {
  it('reads as it was written, and as C2SP writes one', () => {
    expect(parsed(formatNote(TEXT, [signature]))).toEqual({
      ok: true,
      value: { text: TEXT, signatures: [signature] },
    });
    const published = `${TEXT}\n\u2014 ${NAME} NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n`;
    const note = parsed(published);
    expect(note).toMatchObject({ ok: true, value: { text: TEXT, signatures: [{ keyId: 0x367ba04b }] } });
    if (note.ok) expect(formatNote(note.value.text, note.value.signatures)).toBe(published);
  });

  it.each([
    ['empty', ''],
    ['no signatures', TEXT],
    ['no signature lines', `${TEXT}\n`],
    ['no text', `\n${signatureLine(signature)}`],
    ['no last line feed', formatNote(TEXT, [signature]).slice(0, -1)],
    ['an empty line at the end', `${formatNote(TEXT, [signature])}\n`],
    ['carriage return', formatNote(TEXT, [signature]).replace('\n', '\r\n')],
    ['a hyphen for the dash', formatNote(TEXT, [signature]).replace('\u2014', '-')],
    ['two spaces', formatNote(TEXT, [signature]).replace(`${NAME} `, `${NAME}  `)],
    ['a word after the signature', formatNote(TEXT, [signature]).replace(/\n$/, ' x\n')],
    ['a plus in the name', formatNote(TEXT, [signature]).replace(NAME, 'a+b')],
    ['a no-break space in the name', formatNote(TEXT, [signature]).replace(NAME, 'a\u00a0b')],
    ['no padding', formatNote(TEXT, [signature]).replace('=', '')],
    ['four bytes of signature', `${TEXT}\n\u2014 ${NAME} AAAAAA==\n`],
    ['unused bits set', `${TEXT}\n\u2014 ${NAME} AAAAAAB=\n`],
    ['base64 for addresses', `${TEXT}\n\u2014 ${NAME} AAAAAA-_\n`],
  ])('with %s is refused', (_, text) => {
    expect(reasonOf(parsed(text))).toBe('note-invalid');
  });

  it('that is not UTF-8 is refused', () => {
    const bytes = utf8(formatNote(TEXT, [signature]));
    bytes[0] = 0xff;
    expect(reasonOf(parseNoteUnverified(bytes))).toBe('note-invalid');
  });

  it('has bounds, within which sixteen large signatures fit', () => {
    const large = { ...signature, signature: new Uint8Array(5_000) };
    expect(parsed(formatNote(TEXT, Array(16).fill(large))).ok).toBe(true);
    expect(reasonOf(parsed(`${'x'.repeat(NOTE_LIMIT_BYTES)}${formatNote(TEXT, [signature])}`))).toBe(
      'too-large',
    );
    const many = (count: number) => parsed(formatNote(TEXT, Array(count).fill(signature)));
    expect([many(NOTE_SIGNATURES_LIMIT).ok, reasonOf(many(NOTE_SIGNATURES_LIMIT + 1))]).toEqual([
      true,
      'too-large',
    ]);
  });

  it('cannot be written with what cannot be read', () => {
    expect(() => formatNote('no line feed', [signature])).toThrow(TypeError);
    expect(() => formatNote('a\tb\n', [signature])).toThrow(TypeError);
    expect(() => formatNote('\ud800\n', [signature])).toThrow(TypeError);
    expect(() => formatNote(TEXT, [])).toThrow(TypeError);
    expect(() => signatureLine({ ...signature, name: 'a b' })).toThrow(TypeError);
    expect(parseSignatureLine('')).toBeNull();
  });
});

describe('signatures of a note', () => {
  const other = { ...signature, keyId: verifier.keyId ^ 1 };
  const verified = (signatures: readonly NoteSignature[]) =>
    verifyNote({ text: TEXT, signatures }, [verifier]);

  it('by known keys count, those by others are passed over', () => {
    const stranger = { ...signature, name: 'someone.else' };
    expect(verified([other, signature, stranger])).toEqual({ ok: true, value: [signature] });
    expect(reasonOf(verified([other, stranger]))).toBe('unsigned');
  });

  it('by a known key that do not verify refuse the note', () => {
    const wrong = { ...signature, signature: signature.signature.with(0, 1) };
    expect(reasonOf(verified([signature, wrong]))).toBe('signature-invalid');
    expect(reasonOf(verified([{ ...signature, signature: Uint8Array.of(1) }]))).toBe('signature-invalid');
  });
});

describe('a vkey', () => {
  // the example of golang.org/x/mod/sumdb/note
  const GO = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

  it('reads as the Go library writes it', () => {
    const key = parseVkey(GO);
    expect(key).toMatchObject({ ok: true, value: { name: 'PeterNeumann', type: NOTE_KEY_TYPE.ed25519 } });
    if (key.ok) {
      expect(formatVkey(key.value)).toBe(GO);
      expect(keyId('PeterNeumann', 1, key.value.publicKey)).toBe(0xc74f20a3);
    }
  });

  it.each([
    ['capitals in the id', GO.replace('c74f', 'C74F')],
    ['another id', GO.replace('c74f', 'c74e')],
    ['another name', GO.replace('Peter', 'Paul')],
    ['no name', GO.replace('PeterNeumann', '')],
    ['another type', GO.replace('+ARpc', '+AhpC')],
    ['a key one byte short', GO.slice(0, -4)],
    ['padding', GO.replace(/44TW$|TW$/, 'T=')],
    ['a line feed', `${GO}\n`],
  ])('with %s is refused', (_, text) => {
    expect(reasonOf(parseVkey(text))).toBe('vkey-invalid');
  });

  it('has a name without spaces, plus or control characters', () => {
    const names = [
      'a',
      'analog-oversight/feed/x',
      'é',
      '',
      'a b',
      'a+b',
      'a\u2003b',
      'a\u0001',
      'x'.repeat(513),
    ];
    expect(names.map(isKeyName)).toEqual([true, true, true, false, false, false, false, false, false]);
  });
});
