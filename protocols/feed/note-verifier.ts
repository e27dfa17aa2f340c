import type { Ed25519 } from '../identity/ed25519.ts';
import { cosignatureVerifier } from './cosignature.ts';
import { ed25519Verifier, type NoteVerifier } from './note.ts';
import { NOTE_KEY_TYPE, type NoteKey } from './note-key.ts';

/** What checks the signatures of a key, by its type. spec 12-feeds §2.6 */
export function noteVerifier(key: NoteKey, backend: Ed25519): NoteVerifier {
  return key.type === NOTE_KEY_TYPE.ed25519
    ? ed25519Verifier(key.name, key.publicKey, backend)
    : cosignatureVerifier(key, backend);
}
