import { utf8 } from '../../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../../protocols/base/ids.ts';
import { fromBase64 } from '../../../../protocols/codec/base64.ts';
import type { Message } from '../../../../protocols/message/index.ts';
import { checkBundle } from './check-bundle.ts';
import { checkMessage, checkProof } from './check-proof.ts';
import { finish, refused } from './check-shown.ts';
import type { CheckResult } from './protocol.ts';
import type { Charters } from './trusted-charters.ts';
import { utcText } from './utc-text.ts';

const PROOF_START = utf8('c2sp.org/tlog-proof@');
/** The second byte of the header of a CAR file: a map of two entries, after its length. */
const CBOR_MAP_OF_TWO = 0xa2;

/** A message (its signed bytes, or as a node gives it in JSON), a proof, or a bundle: whichever it is. */
export async function checkFile(
  bytes: Uint8Array,
  federation: FederationId,
  charters: Charters,
): Promise<CheckResult> {
  if (PROOF_START.every((byte, i) => bytes[i] === byte)) return proofFile(bytes, federation, charters);
  if (bytes[1] === CBOR_MAP_OF_TWO) return checkBundle(bytes, federation);
  const wire = bytes[0] === 0x7b ? wireInJson(bytes) : bytes;
  if (wire === null) return refused('not-a-message', 'JSON without the signed bytes of a message');
  const signed = checkMessage(wire, federation, charters);
  if (!signed.ok) return refused(signed.reason, signed.detail);
  return finish({
    checked: [whatIs(signed.value.message, signed.value.author)],
    unchecked: ['when it was known: that is in its proof (.tlog-proof)'],
    wrong: [],
  });
}

function proofFile(bytes: Uint8Array, federation: FederationId, charters: Charters): CheckResult {
  const proven = checkProof(bytes, federation, charters);
  if (!proven.ok) return refused(proven.reason, proven.detail);
  const { message, author, size, witnesses, witnessedAt } = proven.value;
  const seen = witnesses.map(({ name, time }) => `${name} at ${utcText(time)}`).join(', ');
  const checked = [
    whatIs(message, author),
    `in its author’s log at ${message.sequence}, under a signed head of ${size}`,
    ...(seen === '' ? [] : [`cosigned by ${seen}`]),
    ...(witnessedAt === null ? [] : [`enough for the charter: seen by ${utcText(witnessedAt)}`]),
  ];
  const unchecked =
    witnessedAt === null ? ['when it was known: not enough cosignatures for the charter'] : [];
  return finish({ checked, unchecked, wrong: [] });
}

function whatIs({ kind, sequence, id }: Message, author: string): string {
  return `${kind}, message ${sequence} of ${author}, signed by ${author}: ${id}`;
}

function wireInJson(bytes: Uint8Array): Uint8Array | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const wire = typeof parsed === 'object' && parsed !== null && 'wire' in parsed ? parsed.wire : null;
    return typeof wire === 'string' ? fromBase64(wire) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // no JSON at all
    throw error;
  }
}
