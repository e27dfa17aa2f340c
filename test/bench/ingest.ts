import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, fromHex, toHex } from '../../protocols/base/bytes.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { decodeCanonical } from '../../protocols/codec/codec.ts';
import { SIGNATURE_DOMAIN } from '../../protocols/message/index.ts';
import { RecordFold } from '../../protocols/record/index.ts';
import { Ledger } from '../../services/ledger/index.ts';
import { Inbox } from '../../services/node/inbox.ts';
import { charterOf } from '../support/federation.ts';
import { makeCorpus } from './ingest-corpus.ts';
import { median } from './quantile.ts';

const MESSAGES = 6_000;
/** What sync hands to the inbox at once. */
const IN_FLIGHT = 256;
/** DER head of an Ed25519 public key. RFC 8410 */
const SPKI_HEAD = fromHex('302a300506032b6570032100');
const WARM_UP_ROUNDS = 2;
const ROUNDS = 9;

/** Medians over the rounds; the ratio is the median of each round's own. */
export interface IngestFigures {
  readonly ingestOverVerify: number;
  /** Messages durable in the ledger a second. */
  readonly ingestPerSecond: number;
  /** node:crypto Ed25519 verifications of the same bytes a second, keys imported once. */
  readonly verifyPerSecond: number;
  readonly meanMessageBytes: number;
}

/** Ingestion and bare verification by turns in this process, so that what else the machine does falls on both. */
export async function measureIngest(): Promise<IngestFigures> {
  const charter = charterOf();
  const corpus = makeCorpus(charter, MESSAGES);
  const signed = signedParts(corpus);
  const directory = await mkdtemp(join(tmpdir(), 'oversight-bench-'));
  const ingest: number[] = [];
  const verified: number[] = [];
  try {
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const ingestPerSecond = await ingestOnce(charter, corpus, join(directory, `${round}.sqlite`));
      const verifyPerSecond = verifyOnce(signed);
      if (round < WARM_UP_ROUNDS) continue;
      ingest.push(ingestPerSecond);
      verified.push(verifyPerSecond);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return {
    ingestOverVerify: median(ingest.map((rate, i) => rate / (verified[i] as number))),
    ingestPerSecond: median(ingest),
    verifyPerSecond: median(verified),
    meanMessageBytes: corpus.reduce((sum, wire) => sum + wire.length, 0) / corpus.length,
  };
}

/** A new inbox over a new ledger file takes the whole corpus in. Returns messages a second. */
async function ingestOnce(charter: Charter, corpus: readonly Uint8Array[], path: string): Promise<number> {
  using ledger = new Ledger(path);
  const inbox = new Inbox(new RecordFold(charter), ledger, { now: () => Date.now() });
  const start = performance.now();
  for (let at = 0; at < corpus.length; at += IN_FLIGHT) {
    const admissions = await Promise.all(corpus.slice(at, at + IN_FLIGHT).map((wire) => inbox.accept(wire)));
    for (const { decision, refusal } of admissions)
      if (decision !== 'accept') throw new Error(`the inbox refused a message: ${refusal}`);
  }
  const seconds = (performance.now() - start) / 1_000;
  if (ledger.count() !== corpus.length) throw new Error('the ledger does not hold what it acknowledged');
  return corpus.length / seconds;
}

interface SignedParts {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: KeyObject;
}

function verifyOnce(signed: readonly SignedParts[]): number {
  const start = performance.now();
  for (const { bytes, signature, key } of signed)
    if (!verify(null, bytes, key, signature)) throw new Error('a signature of the corpus does not hold');
  return signed.length / ((performance.now() - start) / 1_000);
}

/** What `verify` needs of each message, made ready outside the measured loop. */
function signedParts(corpus: readonly Uint8Array[]): SignedParts[] {
  const keys = new Map<string, KeyObject>();
  return corpus.map((wire) => {
    const [payload, signature] = decode(wire) as [Uint8Array, Uint8Array];
    const { author } = decode(payload) as { author: Uint8Array };
    const name = toHex(author);
    const key = keys.get(name) ?? importKey(author);
    keys.set(name, key);
    return { bytes: concatBytes(SIGNATURE_DOMAIN, payload), signature, key };
  });
}

function decode(bytes: Uint8Array): unknown {
  const decoded = decodeCanonical(bytes);
  if (!decoded.ok) throw new Error(`the corpus does not decode: ${decoded.reason}`);
  return decoded.value;
}

function importKey(publicKey: Uint8Array): KeyObject {
  const key = Buffer.from(concatBytes(SPKI_HEAD, publicKey));
  return createPublicKey({ key, format: 'der', type: 'spki' });
}
