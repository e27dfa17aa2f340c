import { messageOf } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { isLeafId, type VerifiedBlock, verifyBlock } from '../block.ts';
import { throwIfCancelled } from '../failures.ts';
import { type BlockSource, SourceError } from '../fetch/block-source.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import { waitFor } from '../wait.ts';
import { FRAME_LIMIT_BYTES, FrameError, readFrames } from './frames.ts';
import type { DuplexStream, StreamHost } from './stream-host.ts';
import { BLOB_PROTOCOL, encodeRequest, type Operation, PRESENCE, STATUS, WANTS_LIMIT } from './wire.ts';

/** Streams at once: while one block is hashed and written, the next is on its way. Below a server's limit for a peer. */
const LANES = 2;

/** A connected peer as a source of blocks. */
export class PeerSource implements BlockSource {
  readonly name: string;
  readonly lanes = LANES;
  readonly insteadOf: string | undefined;
  readonly #host: StreamHost;
  readonly #peerId: string;
  readonly #buffers = new SpareBuffers(FRAME_LIMIT_BYTES, LANES);

  constructor(host: StreamHost, peerId: string, insteadOf?: string) {
    this.insteadOf = insteadOf;
    this.name = `libp2p:${peerId}`;
    this.#host = host;
    this.#peerId = peerId;
  }

  async has(
    cids: readonly ContentId[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly boolean[]> {
    const out: boolean[] = [];
    for (let at = 0; at < cids.length; at += WANTS_LIMIT.has) {
      const asked = cids.slice(at, at + WANTS_LIMIT.has);
      for await (const frame of this.#exchange('has', asked, options)) {
        if (frame.length !== asked.length || frame.some((byte) => byte > PRESENCE.present))
          throw new SourceError('answer-invalid', `${this.name}: not one byte for each block asked for`);
        out.push(...Array.from(frame, (byte) => byte === PRESENCE.present));
      }
    }
    return out;
  }

  async *blocks(
    cids: readonly ContentId[],
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<VerifiedBlock> {
    for (let at = 0; at < cids.length; at += WANTS_LIMIT.get) {
      const asked = cids.slice(at, at + WANTS_LIMIT.get);
      const buffer = asked.every(isLeafId) ? this.#buffers.take() : null;
      let index = 0;
      for await (const frame of this.#exchange('get', asked, options, buffer)) {
        const cid = asked[index++] as ContentId;
        if (frame[0] === PRESENCE.absent && frame.length === 1) continue;
        if (frame[0] !== PRESENCE.present)
          throw new SourceError('answer-invalid', `${this.name}: neither a block nor its absence`);
        const block = verifyBlock(cid, frame.subarray(1));
        if (!block.ok) throw new SourceError('block-wrong', `${this.name}: ${block.detail}`);
        yield block.value;
      }
      if (buffer !== null) this.#buffers.give(buffer);
    }
  }

  /** The frames after the status frame: one for `has`, one a CID for `get`, and then the end. */
  async *#exchange(
    operation: Operation,
    cids: readonly ContentId[],
    { signal }: { readonly signal: AbortSignal },
    into: Uint8Array | null = null,
  ): AsyncIterable<Uint8Array> {
    const stream = await this.#open(signal);
    const stop = () => stream.abort(new SourceError('closed', `${this.name}: we ended the exchange`));
    signal.addEventListener('abort', stop, { once: true });
    let complete = false;
    try {
      await stream.write(encodeRequest({ operation, cids }), { signal });
      await stream.closeWrite();
      const expected = operation === 'has' ? 1 : cids.length;
      let received = -1; // the status frame
      for await (const frame of readFrames(stream.source, FRAME_LIMIT_BYTES, into)) {
        if (received === -1) this.#checkStatus(frame);
        else if (received < expected) yield frame;
        else throw new SourceError('answer-invalid', `${this.name}: more frames than were asked for`);
        received++;
      }
      if (received < expected) throw new SourceError('closed', `${this.name}: the answer ends early`);
      complete = true;
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof SourceError) throw error;
      const code = error instanceof FrameError ? 'answer-invalid' : 'closed';
      throw new SourceError(code, `${this.name}: ${messageOf(error)}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
      if (!complete) stop();
    }
  }

  #checkStatus(frame: Uint8Array): void {
    if (frame.length === 1 && frame[0] === STATUS.ok) return;
    const busy = frame.length === 1 && frame[0] === STATUS.busy;
    throw new SourceError(
      busy ? 'busy' : 'answer-invalid',
      `${this.name}: ${busy ? 'is busy' : 'refused the request'}`,
    );
  }

  async #open(signal: AbortSignal): Promise<DuplexStream> {
    try {
      return await waitFor(this.#host.open(this.#peerId, BLOB_PROTOCOL, { signal }), signal);
    } catch (error) {
      throwIfCancelled(signal);
      throw new SourceError('closed', `${this.name}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** One source for each peer that is connected now. @param instead names of sources that are cheaper ways to a peer, by peer id */
export function peerSources(
  host: StreamHost,
  instead: ReadonlyMap<string, string> = new Map(),
): readonly BlockSource[] {
  return host.connectedPeers().map(({ id }) => new PeerSource(host, id, instead.get(id)));
}
