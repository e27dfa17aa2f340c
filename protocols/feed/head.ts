import { equalBytes, utf8 } from '../base/bytes.ts';
import type { FederationId, MemberKey } from '../base/ids.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { isDocumentCid, parseCid } from '../codec/cid.ts';
import { memberKey, parseDidKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { verifyStrict } from '../identity/strict.ts';
import type { Signer } from '../message/index.ts';
import { formatCheckpointText, parseCheckpointText } from './checkpoint.ts';
import { HASH_BYTES, type Hash } from './hash.ts';
import {
  formatNote,
  type NoteRefusal,
  type NoteSignature,
  type NoteUnverified,
  parseNoteUnverified,
} from './note.ts';
import { keyId, NOTE_KEY_TYPE, type NoteKey } from './note-key.ts';

const ORIGIN_START = 'analog-oversight/feed/';
const DID_KEY = 'did:key:';
const SIGNATURE_BYTES = 64;

/** The size and root of a feed, signed by its author. */
export interface Head {
  readonly author: MemberKey;
  readonly size: number;
  readonly root: Hash;
  /** 64 bytes, over `checkpointText`. */
  readonly signature: Uint8Array;
}

export type HeadRefusal = NoteRefusal | 'checkpoint-invalid' | 'wrong-federation' | 'unsigned';

/** The name of a feed as a log, and of its key in notes. spec 12-feeds §3.2 */
export function origin(federation: FederationId, author: MemberKey): string {
  return `${ORIGIN_START}${federation}/${author.slice(DID_KEY.length)}`;
}

/** Null for all but the one spelling of a feed's origin. spec 12-feeds §3.2 */
export function parseOrigin(
  text: string,
): { readonly federation: FederationId; readonly author: MemberKey } | null {
  const [federation = '', key, ...more] = text.startsWith(ORIGIN_START)
    ? text.slice(ORIGIN_START.length).split('/')
    : [];
  if (key === undefined || more.length > 0) return null;
  const cid = parseCid(federation);
  const publicKey = parseDidKey('ed25519', `${DID_KEY}${key}`);
  if (cid === null || !isDocumentCid(cid) || publicKey === null) return null;
  return { federation: federation as FederationId, author: memberKey(publicKey) };
}

/** The text a head's signature is over. spec 12-feeds §3.1 */
export function checkpointText(
  federation: FederationId,
  { author, size, root }: Pick<Head, 'author' | 'size' | 'root'>,
): string {
  return formatCheckpointText({ origin: origin(federation, author), size, root });
}

/** @param head size and root of the tree of the signer's own feed @throws TypeError when they are none */
export function signHead(
  federation: FederationId,
  { size, root }: { readonly size: number; readonly root: Hash },
  signer: Signer,
): Head {
  if (!Number.isSafeInteger(size) || size < 0 || root.length !== HASH_BYTES)
    throw new TypeError('not the size and root of a feed');
  const author = memberKey(signer.publicKey);
  const text = checkpointText(federation, { author, size, root });
  return { author, size, root, signature: signer.ed25519.sign(signer.seed, utf8(text)) };
}

/** spec 12-feeds §3.3 */
export function verifyHead(head: Head, federation: FederationId, ed25519: Ed25519): boolean {
  const publicKey = parseDidKey('ed25519', head.author);
  if (publicKey === null || !Number.isSafeInteger(head.size) || head.size < 0) return false;
  if (head.root.length !== HASH_BYTES) return false;
  return verifyStrict(ed25519, publicKey, head.signature, utf8(checkpointText(federation, head)));
}

/** A feed's key for readers of notes. spec 12-feeds §3.3 @throws TypeError unless the author is a did:key of Ed25519 */
export function feedNoteKey(federation: FederationId, author: MemberKey): NoteKey {
  const publicKey = parseDidKey('ed25519', author);
  if (publicKey === null) throw new TypeError(`${author} is no Ed25519 key`);
  return { name: origin(federation, author), type: NOTE_KEY_TYPE.ed25519, publicKey };
}

/** The head as a checkpoint that other tools read. @param cosignatures lines to stand under the author's own */
export function checkpointNote(
  head: Head,
  federation: FederationId,
  cosignatures: readonly NoteSignature[] = [],
): string {
  const { name, type, publicKey } = feedNoteKey(federation, head.author);
  const own = { name, keyId: keyId(name, type, publicKey), signature: head.signature };
  return formatNote(checkpointText(federation, head), [own, ...cosignatures]);
}

/** A feed's checkpoint as it came: its form is judged, no signature. spec 12-feeds §3.4 */
export function parseHeadUnverified(
  bytes: Uint8Array,
  federation: FederationId,
): Result<{ readonly head: Head; readonly note: NoteUnverified }, HeadRefusal> {
  const note = parseNoteUnverified(bytes);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const { origin: name, size, root, extensions } = checkpoint.value;
  const named = parseOrigin(name);
  if (named === null || extensions.length > 0)
    return refuse('checkpoint-invalid', 'not the checkpoint of a feed');
  if (named.federation !== federation) return refuse('wrong-federation', `a feed of ${named.federation}`);
  const signature = findOwnSignature(note.value, feedNoteKey(federation, named.author));
  if (signature === null)
    return refuse('unsigned', 'not signed by the author of the feed, or twice otherwise');
  return accept({ head: { author: named.author, size, root, signature }, note: note.value });
}

/** A feed's checkpoint whose signature holds; the signatures of others stay as they came. spec 12-feeds §3.4 */
export function readHead(
  bytes: Uint8Array,
  federation: FederationId,
  ed25519: Ed25519,
): Result<{ readonly head: Head; readonly note: NoteUnverified }, HeadRefusal | 'signature-invalid'> {
  const parsed = parseHeadUnverified(bytes, federation);
  if (!parsed.ok || verifyHead(parsed.value.head, federation, ed25519)) return parsed;
  return refuse('signature-invalid', 'the signature of the author does not verify');
}

/** The one signature by this key. Null when there is none, or two that differ: Ed25519 makes one. */
function findOwnSignature(note: NoteUnverified, { name, type, publicKey }: NoteKey): Uint8Array | null {
  const id = keyId(name, type, publicKey);
  const [first, ...more] = note.signatures.filter((each) => each.name === name && each.keyId === id);
  if (first?.signature.length !== SIGNATURE_BYTES) return null;
  return more.every(({ signature }) => equalBytes(signature, first.signature)) ? first.signature : null;
}
