import { concatBytes } from '../../../protocols/base/bytes.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import {
  SYNC_EVIDENCE_LIMIT,
  SYNC_FRAME_LIMIT_BYTES,
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
/** Of one frame of messages: what their lengths take is left free. A message has more than a hundred bytes. */
const BUNDLE_BYTES = SYNC_FRAME_LIMIT_BYTES - SYNC_FRAME_LIMIT_BYTES / 32;

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
    const wires = source.range(author, at, Math.min(end, at + PAGE));
    for (const group of framesOf(wires)) {
      throwIfStopped(signal);
      const frame = encodeEntryBundle(group);
      bytes += frame.length;
      if (bytes > SYNC_RANGE_LIMIT_BYTES) return;
      yield frame;
    }
    if (wires.length < PAGE) return;
  }
}

/** Messages that fit into a frame together, in order. */
function* framesOf(wires: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let start = 0;
  let bytes = 0;
  for (const [i, { length }] of wires.entries()) {
    if (i > start && bytes + length > BUNDLE_BYTES) {
      yield wires.slice(start, i);
      start = i;
      bytes = 0;
    }
    bytes += length;
  }
  if (start < wires.length) yield wires.slice(start);
}
