import type { ContentId } from '../../../protocols/base/ids.ts';
import type { VerifiedBlock } from '../block.ts';
import type { Layout } from '../store.ts';

/** What can go wrong with a source; each counts against that source alone. */
export const SOURCE_FAULTS = [
  'block-wrong', // bytes that do not hash to their CID: the source lies or its disk does
  'answer-invalid', // an answer that breaks the protocol
  'stalled', // nothing came in time
  'busy', // it asked us to come back later
  'closed', // the connection ended in the middle
] as const;
export type SourceFaultCode = (typeof SOURCE_FAULTS)[number];

export class SourceError extends Error {
  readonly code: SourceFaultCode;

  constructor(code: SourceFaultCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SourceError';
    this.code = code;
  }
}

/** Somewhere blocks can be had: a peer, a gateway, a mirror, a Kubo daemon. */
export interface BlockSource {
  /** Names the source in faults and logs, for example `libp2p:12D3KooW…`. */
  readonly name: string;
  /** Requests it answers well at the same time; 1 when absent. */
  readonly lanes?: number;
  /** Names another way to the same store, a cheaper one. This source is asked only once that one is left alone. */
  readonly insteadOf?: string | undefined;
  /** Told where the leaves of a directory lie, before any is asked for: for a source that knows files and no blocks. */
  learn?(layout: Layout): void;
  /** For each CID whether the source says it has the block. @throws SourceError */
  has(cids: readonly ContentId[], options: { readonly signal: AbortSignal }): Promise<readonly boolean[]>;
  /**
   * The blocks the source has, in any order, each verified; those it lacks are left out. The bytes of a leaf are good
   * until the next block is asked for. Stopping early ends the exchange. @throws SourceError
   */
  blocks(cids: readonly ContentId[], options: { readonly signal: AbortSignal }): AsyncIterable<VerifiedBlock>;
}

export interface SourceFault {
  readonly source: string;
  readonly code: SourceFaultCode;
  readonly detail: string;
}
