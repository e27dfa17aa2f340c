import { concatBytes, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import {
  checkpointNote,
  checkpointText,
  cosign,
  cosignatureLine,
  feedNoteKey,
  formatVkey,
  keyId,
  type NoteKey,
  type NoteSignature,
  parseVkey,
  readHead,
  signHead,
  witnessNoteKey,
} from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { signerOf } from '../federation.ts';
import { treeOf } from './tree.ts';

/** No charter: a checkpoint depends on nothing of the federation but its id. */
export const FEDERATION = federationOf('an example federation');
export const AUTHOR = signerOf('example-lab');
export const WITNESS = signerOf('example-regulator');
const OTHER_FEDERATION = federationOf('another federation');
/** Seconds since 1970. */
const WITNESSED_AT = 1_790_000_000;

const tree = treeOf(3);
const head = signHead(FEDERATION, { size: 3, root: tree.root() }, AUTHOR);
export const LOG_KEY = feedNoteKey(FEDERATION, head.author);
export const WITNESS_KEY = witnessNoteKey(FEDERATION, memberKey(WITNESS.publicKey));
export const COSIGNATURE = cosignatureLine(
  WITNESS_KEY,
  cosign(utf8(checkpointText(FEDERATION, head)), WITNESSED_AT, WITNESS),
);
/** The head of the first three entries of `treeOf`, cosigned. */
export const CHECKPOINT = checkpointNote(head, FEDERATION, [COSIGNATURE]);
/** By a key that nobody here knows, of the size of a post-quantum one. */
const UNKNOWN: NoteSignature = {
  name: 'witness.example/w1',
  keyId: 7,
  signature: new Uint8Array(2_420).fill(1),
};

function federationOf(name: string): FederationId {
  return documentCid(encode(name)).toString() as FederationId;
}

function keys(): Record<string, NoteKey> {
  // the example of golang.org/x/mod/sumdb/note
  const published = parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  if (!published.ok) throw new TypeError(published.detail);
  return { feed: LOG_KEY, witness: WITNESS_KEY, published: published.value };
}

function refusedKeys(): Record<string, string> {
  const vkey = formatVkey(LOG_KEY);
  return {
    empty: '',
    'capitals-in-the-id': vkey.replace(/\+[0-9a-f]{8}\+/, (id) => id.toUpperCase()),
    'id-of-another-name': vkey.replace('analog', 'digital'),
    'type-unknown': vkey.replace(/\+A[Q-f][A-Za-z0-9+/]{42}$/, (key) => `+Ag${key.slice(3)}`),
    'key-short': vkey.slice(0, -4),
    'key-padded': `${vkey.slice(0, -1)}=`,
    'name-with-a-space': vkey.replace('/feed', '/ feed'),
  };
}

function refusedNotes(): Record<string, string | Uint8Array> {
  const note = checkpointNote(head, FEDERATION);
  const name = LOG_KEY.name;
  const text = checkpointText(FEDERATION, head);
  const resigned = (changed: string) => {
    const signature = AUTHOR.ed25519.sign(AUTHOR.seed, utf8(changed));
    return note
      .replace(text, changed)
      .replace(/ \S+\n$/, checkpointNote({ ...head, signature }, FEDERATION).slice(note.lastIndexOf(' ')));
  };
  const twice = checkpointNote({ ...head, signature: head.signature.with(0, 1) }, FEDERATION);
  return {
    empty: '',
    'not-utf-8': concatBytes(Uint8Array.of(0xff), utf8(note)),
    'carriage-return': note.replace('\n', '\r\n'),
    'no-signature': text,
    'no-last-line-feed': note.slice(0, -1),
    'line-feed-at-the-end': `${note}\n`,
    'hyphen-for-the-dash': note.replace('\u2014', '-'),
    'two-spaces': note.replace(`${name} `, `${name}  `),
    'padding-missing': note.replace(/=\n$/, '\n'),
    'base64-bits-not-zero': note.replace(/(.)=\n$/, (_, letter: string) => `${next(letter)}=\n`),
    'text-after-the-signature': note.replace(/\n$/, ' x\n'),
    'too-many-signatures': note + note.slice(note.indexOf('\u2014')).repeat(100),
    'no-size': resigned(text.replace('\n3\n', '\n')),
    'size-with-a-leading-zero': resigned(text.replace('\n3\n', '\n03\n')),
    'size-over-2-to-53': resigned(text.replace('\n3\n', '\n9007199254740993\n')),
    'root-short': resigned(text.replace(/\S+\n$/, 'AAAA\n')),
    'extension-line': resigned(`${text}extension\n`),
    'origin-of-another-log': resigned(text).replaceAll(name, 'example.com/log'),
    'origin-with-a-path': resigned(text).replaceAll(name, `${name}/x`),
    'other-federation': checkpointNote(signHead(OTHER_FEDERATION, head, AUTHOR), OTHER_FEDERATION),
    'signed-by-another-alone': note.replace(`\u2014 ${name}`, '\u2014 stranger'),
    'two-signatures-that-differ': note + twice.slice(twice.indexOf('\u2014')),
    'other-size': note.replace('\n3\n', '\n4\n'),
    'other-root': note.replace(/\n\S{44}\n\n/, `\n${'A'.repeat(43)}=\n\n`),
    'signature-changed': twice,
    'signature-of-a-message': checkpointNote(
      { ...head, signature: AUTHOR.ed25519.sign(AUTHOR.seed, utf8(`analog-oversight/message/1\n${text}`)) },
      FEDERATION,
    ),
  };
}

function next(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return alphabet[alphabet.indexOf(letter) + 1] ?? 'B';
}

export function buildCheckpoint() {
  const heads = { empty: 0, one: 1, three: 3, thirteen: 13 };
  const read = {
    alone: checkpointNote(head, FEDERATION),
    'with-signatures-of-others': checkpointNote(head, FEDERATION, [COSIGNATURE, UNKNOWN]),
  };
  return {
    federation: FEDERATION,
    keys: Object.entries(keys()).map(([id, key]) => ({
      id,
      name: key.name,
      type: key.type,
      publicKey: toHex(key.publicKey),
      keyId: keyId(key.name, key.type, key.publicKey).toString(16).padStart(8, '0'),
      vkey: formatVkey(key),
    })),
    keysRefused: Object.entries(refusedKeys()).map(([id, vkey]) => {
      const result = parseVkey(vkey);
      if (result.ok) throw new TypeError(`accepted: ${id}`);
      return { id, vkey, refusal: result.reason };
    }),
    signed: Object.entries(heads).map(([id, size]) => {
      const root = treeOf(size).root();
      const signed = signHead(FEDERATION, { size, root }, AUTHOR);
      return {
        id,
        signingSeed: toHex(AUTHOR.seed),
        size,
        root: toHex(root),
        author: signed.author,
        signature: toHex(signed.signature),
        checkpoint: checkpointNote(signed, FEDERATION),
      };
    }),
    read: Object.entries(read).map(([id, note]) => ({
      id,
      bytes: toHex(utf8(note)),
      author: head.author,
      size: head.size,
      root: toHex(head.root),
      signature: toHex(head.signature),
    })),
    refused: Object.entries(refusedNotes()).map(([id, note]) => {
      const bytes = typeof note === 'string' ? utf8(note) : note;
      const result = readHead(bytes, FEDERATION, AUTHOR.ed25519);
      if (result.ok) throw new TypeError(`accepted: ${id}`);
      return { id, bytes: toHex(bytes), refusal: result.reason };
    }),
  };
}
