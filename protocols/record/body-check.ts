import { utf8 } from '../base/bytes.ts';
import type { FederationId, MemberKey } from '../base/ids.ts';
import { fromBase64 } from '../codec/base64.ts';
import { checkpointText, verifyCosignature, verifyHead } from '../feed/index.ts';
import { parseDidKey } from '../identity/did-key.ts';
import type { Ed25519 } from '../identity/ed25519.ts';
import { type CosignatureEntry, checkBody, type ForkProofBody } from '../kinds/index.ts';
import type { BodyCheck } from '../message/index.ts';

/** What bodies that hold signatures of others are judged by. */
export interface BodyCheckContext {
  readonly federation: FederationId;
  readonly ed25519: Ed25519;
}

/**
 * The check that every path of acceptance makes: the schema of the kind, then the signatures inside the body.
 * spec 05-message §5.6
 */
export function bodyCheckOf(context: BodyCheckContext): BodyCheck {
  return (kind, body, author) => {
    const fault = checkBody(kind, body);
    if (fault !== null) return fault;
    if (kind === 'fork-proof/1') return forkProofFault(body as unknown as ForkProofBody, context);
    if (kind !== 'cosignatures/1') return null;
    const { entries } = body as unknown as { readonly entries: readonly CosignatureEntry[] };
    const at = entries.findIndex((entry) => !doesHold(entry, author, context));
    return at === -1 ? null : `entries.${at}: the cosignature does not verify`;
  };
}

/** spec 08-record §2.5 */
function forkProofFault(
  { feed, heads }: ForkProofBody,
  { federation, ed25519 }: BodyCheckContext,
): string | null {
  const at = heads.findIndex(({ size, root, signature }) => {
    const head = { author: feed, size, root: bytesOf(root), signature: bytesOf(signature) };
    return !verifyHead(head, federation, ed25519);
  });
  return at === -1 ? null : `heads.${at}: the signature of the feed does not verify`;
}

/** What a member says of its own cosignatures rests on its word; those of others must verify. spec 08-record §6.1 */
function doesHold(
  { feed, size, root, witness, time, signature }: CosignatureEntry,
  author: MemberKey,
  { federation, ed25519 }: BodyCheckContext,
): boolean {
  const key = parseDidKey('ed25519', witness);
  if (witness === author) return true;
  const text = utf8(checkpointText(federation, { author: feed, size, root: bytesOf(root) }));
  return key !== null && verifyCosignature(text, { time, signature: bytesOf(signature) }, key, ed25519);
}

/** @param text canonical base64: its schema has looked */
function bytesOf(text: string): Uint8Array {
  return fromBase64(text) ?? new Uint8Array();
}
