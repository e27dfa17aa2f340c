import { concatBytes } from '../../../protocols/base/bytes.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import {
  SYNC_EVIDENCE_LIMIT,
  SYNC_RANGE_LIMIT,
  SYNC_RANGE_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import { encodeEntryBundle, type WitnessAnswer } from '../../../protocols/feed/index.ts';
import { throwIfStopped } from '../deadline.ts';
import type { PeerRef } from '../transport.ts';
import { encodeHeads, encodeWitnessAnswer, parseRequest } from './protocol.ts';
import type { SyncSource } from './source.ts';

/** Messages read from the ledger at once; with the largest it is 8 MiB. */
const PAGE = 128;

/**
 * What a frame is filled up to. With what libp2p puts before it (a length, a header of yamux) it is two messages of Noise,
 * whole: a third with the last hundred bytes would cost as much as they do.
 */
const FILL_BYTES = 2 * 65_519 - 12 - 4;

/** What this node answers as a witness; null where it is none. */
export type AddCheckpoint = (
  body: string,
  from: PeerRef,
  options: { readonly signal: AbortSignal },
) => Promise<WitnessAnswer>;

/** Answers one sync request. @throws OversightError peer-failed when it is none */
export async function* serveSync(
  source: SyncSource,
  addCheckpoint: AddCheckpoint | null,
  request: Uint8Array,
  from: PeerRef,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const parsed = parseRequest(request);
  if (!parsed.ok) throw new OversightError('peer-failed', parsed.detail);
  const asked = parsed.value;
  switch (asked.op) {
    case 'heads':
      yield* encodeHeads(source.heads());
      return;
    case 'range':
      yield* serveRange(source, asked.author, asked.from, asked.to, signal);
      return;
    // spec 11-network §4.5
    case 'evidence':
      for (const wire of source.evidence(asked.author, SYNC_EVIDENCE_LIMIT)) yield encodeEntryBundle([wire]);
      return;
    // spec 11-network §4.6
    case 'root': {
      const tree = source.tree(asked.author);
      if (asked.size <= tree.size) yield tree.root(asked.size);
      return;
    }
    // spec 11-network §4.7
    case 'consistency': {
      const tree = source.tree(asked.author);
      if (asked.from > asked.to || asked.to > tree.size) return;
      const proof = tree.consistencyProof(asked.from, asked.to);
      if (proof.length > 0) yield concatBytes(...proof);
      return;
    }
    // spec 11-network §4.8
    case 'add-checkpoint':
      if (addCheckpoint === null) throw new OversightError('peer-failed', 'this node is no witness');
      yield encodeWitnessAnswer(await addCheckpoint(asked.body, from, { signal }));
      return;
  }
}

/** spec 11-network §4.4: the answer may be shorter than asked */
function* serveRange(
  source: SyncSource,
  author: MemberKey,
  from: number,
  to: number,
  signal: AbortSignal,
): Generator<Uint8Array> {
  const end = Math.min(to, from + SYNC_RANGE_LIMIT);
  let bytes = 0;
  for (let at = from; at < end; at += PAGE) {
    const page = source.bundle(author, at, Math.min(end, at + PAGE));
    for (const frame of framesOf(page)) {
      throwIfStopped(signal);
      bytes += frame.length;
      if (bytes > SYNC_RANGE_LIMIT_BYTES) return;
      yield frame;
    }
    if (page.length === 0) return;
  }
}

/** Views on a bundle, each of as many entries as fit. */
function* framesOf(bundle: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let at = 0; at < bundle.length; ) {
    const next = at + 2 + (((bundle[at] as number) << 8) | (bundle[at + 1] as number));
    if (at > start && next - start > FILL_BYTES) {
      yield bundle.subarray(start, at);
      start = at;
    }
    at = next;
  }
  if (start < bundle.length) yield bundle.subarray(start);
}
