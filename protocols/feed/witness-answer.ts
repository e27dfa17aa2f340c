import { utf8 } from '../base/bytes.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type Cosignature, cosignatureVerifier, parseCosignatureUnverified } from './cosignature.ts';
import { parseSignatureLine } from './note.ts';
import type { NoteKey } from './note-key.ts';
import { WITNESS_STATUS, type WitnessRefusal } from './witness-request.ts';

/** What a witness answers on any carrier. spec 14-witnesses §3 */
export interface WitnessAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
/** spec 14-witnesses §3.5 */
const SIZE = 'text/x.tlog.size';
/** Signature lines of one answer that are looked at; a witness has one key, or a few. */
const LINES_LIMIT = 16;

/** @param lines signature lines, each with its line feed */
export function cosignedAnswer(lines: string): WitnessAnswer {
  return { status: 200, contentType: TEXT, body: lines };
}

/** @param lastSize of the head cosigned last, told where it is the reason */
export function refusedAnswer(reason: WitnessRefusal, lastSize: number): WitnessAnswer {
  const status = WITNESS_STATUS[reason];
  if (reason === 'old-stale') return { status, contentType: SIZE, body: `${lastSize}\n` };
  return { status, contentType: TEXT, body: `${reason}\n` };
}

/** What an answer means to who asked. `refused`: asking the same again will not help before something else has changed. */
export type WitnessReply =
  | { readonly kind: 'cosigned'; readonly cosignature: Cosignature }
  | { readonly kind: 'stale'; readonly size: number }
  | { readonly kind: 'refused'; readonly status: number };

/** spec 14-witnesses §4.3 @param text of the checkpoint that was sent */
export function readWitnessAnswer(
  { status, contentType, body }: WitnessAnswer,
  text: string,
  witness: NoteKey,
  ed25519: Ed25519,
): WitnessReply {
  if (status === 200) {
    const cosignature = findCosignature(body, text, witness, ed25519);
    return cosignature === null ? { kind: 'refused', status } : { kind: 'cosigned', cosignature };
  }
  const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(body)?.[1];
  if (status === 409 && contentType === SIZE && size !== undefined)
    return { kind: 'stale', size: Number(size) };
  return { kind: 'refused', status };
}

function findCosignature(body: string, text: string, witness: NoteKey, ed25519: Ed25519): Cosignature | null {
  const verifier = cosignatureVerifier(witness, ed25519);
  for (const line of body.split('\n', LINES_LIMIT)) {
    const signature = parseSignatureLine(line);
    if (signature === null || signature.name !== verifier.name || signature.keyId !== verifier.keyId)
      continue;
    if (verifier.verify(utf8(text), signature.signature))
      return parseCosignatureUnverified(signature.signature);
  }
  return null;
}
