import { utf8 } from '../../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../../protocols/base/ids.ts';
import { CarFault, PartCheck, readBundle, vouchedEnd } from '../../../../protocols/bundle/index.ts';
import { fromBase64 } from '../../../../protocols/feed/index.ts';
import { pureEd25519 } from '../../../../protocols/identity/ed25519.ts';
import type { Message } from '../../../../protocols/message/index.ts';
import { checkMessage, checkProof } from './check-proof.ts';
import { finish, refused } from './check-shown.ts';
import type { CheckResult } from './protocol.ts';
import type { Charters } from './trusted-charters.ts';

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
  if (bytes[1] === CBOR_MAP_OF_TWO) return bundleFile(bytes, federation, charters);
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
  const seen = witnesses.map(({ name, time }) => `${name} at ${new Date(time).toISOString()}`).join(', ');
  const checked = [
    whatIs(message, author),
    `in its author’s log at ${message.sequence}, under a signed head of ${size}`,
    ...(seen === '' ? [] : [`cosigned by ${seen}`]),
    ...(witnessedAt === null
      ? []
      : [`enough for the charter: known by ${new Date(witnessedAt).toISOString()}`]),
  ];
  const unchecked =
    witnessedAt === null ? ['when it was known: not enough cosignatures for the charter'] : [];
  return finish({ checked, unchecked, wrong: [] });
}

async function bundleFile(
  bytes: Uint8Array,
  federation: FederationId,
  charters: Charters,
): Promise<CheckResult> {
  const check = new BundleCheck(federation, charters);
  try {
    for await (const item of readBundle(whole(bytes))) {
      if (item.kind === 'bundle' && item.federation !== federation)
        return refused('wrong-federation', `the bundle is of ${item.federation}`);
      if (item.kind === 'part') check.begin(item.part);
      if (item.kind === 'message') check.add(item.sequence, item.wire);
    }
  } catch (fault) {
    if (fault instanceof CarFault) return refused('bundle-broken', fault.message);
    throw fault;
  }
  return check.result();
}

type Part = ConstructorParameters<typeof PartCheck>[0];

/** Messages under a signed head are vouched for by it; each beyond needs its own signature. spec 13-bundle §3 */
class BundleCheck {
  readonly #federation: FederationId;
  readonly #charters: Charters;
  readonly #wrong: string[] = [];
  #part: { readonly part: Part; readonly check: PartCheck } | null = null;
  #parts = 0;
  #vouched = 0;
  #signed = 0;

  constructor(federation: FederationId, charters: Charters) {
    this.#federation = federation;
    this.#charters = charters;
  }

  begin(part: Part): void {
    this.#end();
    this.#parts += 1;
    this.#part = { part, check: new PartCheck(part, this.#federation, pureEd25519) };
  }

  add(sequence: number, wire: Uint8Array): void {
    const current = this.#part;
    if (current === null) return;
    current.check.add(sequence, wire);
    if (sequence < vouchedEnd(current.part)) {
      this.#vouched += 1;
      return;
    }
    const signed = checkMessage(wire, this.#federation, this.#charters);
    if (signed.ok) this.#signed += 1;
    else this.#wrong.push(`message ${sequence} of ${current.part.author}: ${signed.reason}`);
  }

  result(): CheckResult {
    this.#end();
    const checked = [
      `a bundle of ${this.#parts} feeds: every block is what its hash says`,
      `${this.#vouched} messages under heads that their authors signed, ${this.#signed} signed one by one`,
    ];
    return finish({ checked, unchecked: ['evidence of forks, and cosignatures inside'], wrong: this.#wrong });
  }

  #end(): void {
    const { part, check } = this.#part ?? {};
    if (part !== undefined && vouchedEnd(part) > part.from && check?.vouches() === false)
      this.#wrong.push(`the head of ${part.author} does not vouch for its messages`);
  }
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

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
