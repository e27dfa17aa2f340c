import { OversightError } from '../../protocols/base/errors.ts';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import {
  cosignatureVerifier,
  ed25519Verifier,
  type NoteKey,
  parseCosignatureUnverified,
  parseOrigin,
  parseTlogProofUnverified,
  parseVkey,
  parseWitnessPolicy,
  quorumTime,
  verifyTlogProof,
  type WitnessPolicy,
} from '../../protocols/feed/index.ts';
import { pureEd25519 } from '../../protocols/identity/ed25519.ts';
import { checkBody } from '../../protocols/kinds/index.ts';
import { type Message, open } from '../../protocols/message/index.ts';

/** Whom a reader of a proof trusts, and what it asks of witnesses. */
export interface ProofTrust {
  readonly logs: readonly NoteKey[];
  readonly witnesses: readonly { readonly name: string; readonly key: NoteKey }[];
  readonly policy: WitnessPolicy;
}

export interface ProvenMessage {
  readonly federation: FederationId;
  readonly message: Message;
  /** Messages of the feed when the checkpoint was signed. */
  readonly size: number;
  readonly witnesses: readonly { readonly name: string; readonly time: number }[];
  /** Seconds since 1970: when the policy was content; null where it is not. */
  readonly established: number | null;
}

/** Reads a C2SP tlog-policy file. @throws OversightError `argument-invalid` */
export function trustOf(policyFile: string): ProofTrust {
  const parsed = parseWitnessPolicy(policyFile);
  if (!parsed.ok) throw new OversightError('argument-invalid', `not a witness policy: ${parsed.detail}`);
  const { logs, witnesses, groups, quorum } = parsed.value;
  return {
    logs: logs.map(({ vkey }) => keyOf(vkey)),
    witnesses: witnesses.map(({ name, vkey }) => ({ name, key: keyOf(vkey) })),
    policy: { groups, quorum },
  };
}

function keyOf(vkey: string): NoteKey {
  const key = parseVkey(vkey);
  if (!key.ok) throw new OversightError('argument-invalid', `not a witness policy: ${key.detail}`);
  return key.value;
}

/** A `.tlog-proof` of a message, judged from the file and the policy alone. `reason` names the check that failed. */
export function checkProof(
  bytes: Uint8Array,
  { logs, witnesses, policy }: ProofTrust,
): Result<ProvenMessage> {
  const proof = parseTlogProofUnverified(bytes);
  if (!proof.ok) return proof;
  const entry = proof.value.extra;
  if (entry === null) return refuse('proof-file-invalid', 'the message is not in the file');
  const origin = proof.value.note.text.split('\n', 1)[0] ?? '';
  const log = logs.find(({ name }) => name === origin);
  const feed = parseOrigin(origin);
  if (log === undefined || feed === null) return refuse('wrong-log', 'no feed that the policy names');
  const verified = verifyTlogProof(proof.value, entry, {
    log: ed25519Verifier(log.name, log.publicKey, pureEd25519),
    witnesses: witnesses.map(({ key }) => cosignatureVerifier(key, pureEd25519)),
  });
  if (!verified.ok) return verified;
  const message = openEntry(entry, feed, verified.value.index);
  if (!message.ok) return message;
  const seen = witnesses.flatMap(({ name, key }) => {
    const line = verified.value.cosignatures.find((each) => each.name === key.name);
    const time = line === undefined ? undefined : parseCosignatureUnverified(line.signature)?.time;
    return time === undefined ? [] : [{ name, time }];
  });
  const times = new Map(seen.map(({ name, time }) => [name, time]));
  return accept({
    federation: feed.federation,
    message: message.value,
    size: verified.value.checkpoint.size,
    witnesses: seen,
    established: quorumTime(policy, (name) => times.get(name) ?? null),
  });
}

/** The entry is a message of this feed, at its own place in it. */
function openEntry(
  entry: Uint8Array,
  { federation, author }: { readonly federation: FederationId; readonly author: MemberKey },
  index: number,
): Result<Message> {
  const opened = open(entry, { federation, ed25519: pureEd25519, checkBody });
  if (!opened.ok) return opened;
  if (opened.value.author !== author || opened.value.sequence !== index)
    return refuse('inclusion-invalid', 'the message belongs elsewhere');
  return accept(opened.value);
}
