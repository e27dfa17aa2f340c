import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Charter } from '../../protocols/charter/index.ts';
import { RecordFold } from '../../protocols/record/index.ts';
import { bulkEd25519 } from '../../services/keys/index.ts';
import { Ledger } from '../../services/ledger/index.ts';
import { type Admission, Inbox } from '../../services/node/inbox.ts';
import { Opener } from '../../services/node/opening/opener.ts';
import { charterOf } from '../support/federation.ts';
import { makeCorpus } from './ingest-corpus.ts';
import { median } from './quantile.ts';
import { type SignedParts, signedParts, verifyAsNode, verifyBare } from './signed-parts.ts';

const MESSAGES = 6_144;
/** With the inbox at once. */
const IN_FLIGHT = 512;
/** Ingestion and verification take turns this often, so that what else the machine does falls on both. */
const SLICE = 2_048;
const WARM_UP_ROUNDS = 2;
const ROUNDS = 9;

/** Medians over the rounds; the ratio is the median of each round's own. */
export interface IngestFigures {
  readonly ingestOverVerify: number;
  /** Messages durable in the ledger a second. */
  readonly ingestPerSecond: number;
  /** node:crypto Ed25519 verifications of the same bytes a second, keys imported once. */
  readonly verifyPerSecond: number;
  /** The same with what the inbox itself verifies with. */
  readonly ownVerifyPerSecond: number;
  readonly meanMessageBytes: number;
}

/** On as many cores as this process may use; verification on one. */
export async function measureIngest(): Promise<IngestFigures> {
  const charter = charterOf();
  const corpus = makeCorpus(charter, MESSAGES);
  const signed = signedParts(corpus);
  const directory = await mkdtemp(join(tmpdir(), 'oversight-bench-'));
  const rounds: Round[] = [];
  await using opener = new Opener(charter.id);
  try {
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const path = join(directory, `${round}.sqlite`);
      rounds.push(await measureRound(charter, corpus, signed, opener, path));
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const counted = rounds.slice(WARM_UP_ROUNDS);
  return {
    ingestOverVerify: median(counted.map(({ ingestMs, verifyMs }) => verifyMs / ingestMs)),
    ingestPerSecond: median(counted.map(({ ingestMs }) => (1_000 * corpus.length) / ingestMs)),
    verifyPerSecond: median(counted.map(({ verifyMs }) => (1_000 * corpus.length) / verifyMs)),
    ownVerifyPerSecond: median(counted.map(({ ownVerifyMs }) => (1_000 * corpus.length) / ownVerifyMs)),
    meanMessageBytes: corpus.reduce((sum, wire) => sum + wire.length, 0) / corpus.length,
  };
}

interface Round {
  readonly ingestMs: number;
  readonly verifyMs: number;
  readonly ownVerifyMs: number;
}

/** A new inbox over a new ledger file takes the whole corpus in; between its slices their signatures are checked bare. */
async function measureRound(
  charter: Charter,
  corpus: readonly Uint8Array[],
  signed: readonly SignedParts[],
  opener: Opener,
  path: string,
): Promise<Round> {
  const ed25519 = bulkEd25519();
  using ledger = new Ledger(path);
  const inbox = new Inbox(new RecordFold(charter), ledger, { now: () => Date.now() }, opener);
  let ingestMs = 0;
  let verifyMs = 0;
  let ownVerifyMs = 0;
  for (let at = 0; at < corpus.length; at += SLICE) {
    const start = performance.now();
    await ingest(inbox, corpus.slice(at, at + SLICE));
    const between = performance.now();
    verifyBare(signed.slice(at, at + SLICE));
    const verified = performance.now();
    verifyAsNode(signed.slice(at, at + SLICE), ed25519);
    ingestMs += between - start;
    verifyMs += verified - between;
    ownVerifyMs += performance.now() - verified;
  }
  if (ledger.count() !== corpus.length) throw new Error('the ledger does not hold what it acknowledged');
  return { ingestMs, verifyMs, ownVerifyMs };
}

/** The inbox answers in order, so the oldest is the one to wait for. What has been answered is let go, as transports do. */
async function ingest(inbox: Inbox, wires: readonly Uint8Array[]): Promise<void> {
  const pending: Promise<Admission>[] = [];
  for (const wire of wires) {
    if (pending.length === IN_FLIGHT) check(await (pending.shift() as Promise<Admission>));
    pending.push(inbox.accept(wire));
  }
  for (const admission of pending) check(await admission);
}

function check({ decision, refusal }: Admission): void {
  if (decision !== 'accept' || refusal !== null) throw new Error(`the inbox refused a message: ${refusal}`);
}
