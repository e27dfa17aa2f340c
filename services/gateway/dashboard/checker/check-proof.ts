import type { FederationId, MemberKey } from '../../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import type { Charter } from '../../../../protocols/charter/index.ts';
import {
  cosignatureVerifier,
  ed25519Verifier,
  feedNoteKey,
  type NoteSignature,
  parseCheckpointText,
  parseCosignatureUnverified,
  parseNoteUnverified,
  parseOrigin,
  parseTlogProofUnverified,
  quorumTime,
  type TlogProofUnverified,
  verifyNote,
  verifyTlogProof,
} from '../../../../protocols/feed/index.ts';
import { pureEd25519 } from '../../../../protocols/identity/ed25519.ts';
import { checkBody } from '../../../../protocols/kinds/index.ts';
import { type Message, open } from '../../../../protocols/message/index.ts';
import { type Charters, memberOf, type Witness, witnessesOf } from './trusted-charters.ts';

/** A message whose signature was checked here, and by whom. */
export interface SignedMessage {
  readonly message: Message;
  readonly author: string;
}

/** A message whose place in its author's log was checked here, too. */
export interface ProvenMessage extends SignedMessage {
  /** Messages under the signed head. */
  readonly size: number;
  readonly witnesses: readonly { readonly name: string; readonly time: number }[];
  /** Milliseconds since 1970: when these cosignatures were enough for a version of the charter; null: they are not. */
  readonly witnessedAt: number | null;
}

/** The strict signature rule, canonical form and the kind's schema; and that the key is a member's. */
export function checkMessage(
  wire: Uint8Array,
  federation: FederationId,
  charters: Charters,
): Result<SignedMessage> {
  const opened = open(wire, { federation, ed25519: pureEd25519, checkBody });
  if (!opened.ok) return opened;
  const author = memberOf(charters, opened.value.author);
  if (author === null) return refuse('not-a-member', 'no version of the charter names this key');
  return accept({ message: opened.value, author });
}

/** The message in a C2SP tlog-proof: its signature, its inclusion under its author's signed head, its cosignatures. */
export function checkProof(
  bytes: Uint8Array,
  federation: FederationId,
  charters: Charters,
): Result<ProvenMessage> {
  const proof = parseTlogProofUnverified(bytes);
  if (!proof.ok) return proof;
  const { extra } = proof.value;
  if (extra === null) return refuse('proof-file-invalid', 'the message is not in the file');
  const signed = checkMessage(extra, federation, charters);
  if (!signed.ok) return signed;
  const feed = parseOrigin(proof.value.note.text.split('\n', 1)[0] ?? '');
  const { author, sequence } = signed.value.message;
  if (feed?.author !== author || feed.federation !== federation || proof.value.index !== sequence)
    return refuse('inclusion-invalid', 'the message belongs elsewhere');
  let best: ProvenMessage | null = null;
  // which version governs the message takes the feeds to say: any of them may have been content
  for (const charter of charters.toReversed()) {
    const proven = underCharter(proof.value, extra, federation, charter, signed.value);
    if (!proven.ok) return proven;
    if (best === null || (best.witnessedAt === null && proven.value.witnessedAt !== null))
      best = proven.value;
  }
  return best === null ? refuse('charter-malformed', 'no charter') : accept(best);
}

function underCharter(
  proof: TlogProofUnverified,
  entry: Uint8Array,
  federation: FederationId,
  charter: Charter,
  signed: SignedMessage,
): Result<ProvenMessage> {
  const roster = witnessesOf(federation, charter);
  const key = feedNoteKey(federation, signed.message.author);
  const verified = verifyTlogProof(proof, entry, {
    log: ed25519Verifier(key.name, key.publicKey, pureEd25519),
    witnesses: roster.map((witness) => cosignatureVerifier(witness.key, pureEd25519)),
  });
  if (!verified.ok) return verified;
  const { cosignatures, checkpoint } = verified.value;
  const witnesses = timesOf(roster, cosignatures);
  const times = new Map(witnesses.map(({ name, time }) => [name, time]));
  const witnessedAt = quorumTime(charter.document.policy.witness, (name) => times.get(name) ?? null);
  return accept({ ...signed, size: checkpoint.size, witnesses, witnessedAt });
}

/** A checkpoint as the node gives it: signed by the feed's key, and by which witnesses when. */
export function checkHead(
  note: Uint8Array,
  feed: MemberKey,
  federation: FederationId,
  charters: Charters,
): Result<Pick<ProvenMessage, 'size' | 'witnesses'>> {
  const parsed = parseNoteUnverified(note);
  if (!parsed.ok) return parsed;
  const checkpoint = parseCheckpointText(parsed.value.text);
  if (!checkpoint.ok) return checkpoint;
  const key = feedNoteKey(federation, feed);
  if (checkpoint.value.origin !== key.name) return refuse('wrong-log', 'the checkpoint of another feed');
  const roster = charters.flatMap((charter) => witnessesOf(federation, charter));
  const verified = verifyNote(parsed.value, [
    ed25519Verifier(key.name, key.publicKey, pureEd25519),
    ...roster.map((witness) => cosignatureVerifier(witness.key, pureEd25519)),
  ]);
  if (!verified.ok) return verified;
  if (!verified.value.some(({ name }) => name === key.name))
    return refuse('unsigned', 'not signed by the feed’s key');
  return accept({ size: checkpoint.value.size, witnesses: timesOf(roster, verified.value) });
}

function timesOf(
  roster: readonly Witness[],
  signatures: readonly NoteSignature[],
): ProvenMessage['witnesses'] {
  const seen = roster.flatMap(({ name, key: { name: keyName } }) => {
    const line = signatures.find((each) => each.name === keyName);
    const time = line === undefined ? undefined : parseCosignatureUnverified(line.signature)?.time;
    return time === undefined ? [] : [[name, time * 1_000] as const];
  });
  return [...new Map(seen)].map(([name, time]) => ({ name, time }));
}
