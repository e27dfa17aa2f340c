import { CID } from 'multiformats/cid';
import { concatBytes } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { contentId, parseContentId } from '../block.ts';
import { frameHead } from './frames.ts';

/**
 * `/oversight/blob/1`: one request a stream, then one answer. README.md has the bytes.
 * Request frame: operation, then CIDs of 36 bytes each. Answer: one status frame; for `has` one frame with a byte a
 * CID; for `get` one frame a CID in the order asked, a presence byte and then the block.
 */
export const BLOB_PROTOCOL = '/oversight/blob/1';

const CID_BYTES = 36;
const OPERATION = { has: 1, get: 2 } as const;
export type Operation = keyof typeof OPERATION;
export const STATUS = { ok: 0, busy: 1, refused: 2 } as const;
export const PRESENCE = { absent: 0, present: 1 } as const;

/** CIDs of one request. 16 blocks are at most 16 MiB; `has` costs one look into an index each. */
export const WANTS_LIMIT: Readonly<Record<Operation, number>> = { has: 1_024, get: 16 };
export const REQUEST_LIMIT_BYTES = 1 + CID_BYTES * WANTS_LIMIT.has;

export interface BlobRequest {
  readonly operation: Operation;
  readonly cids: readonly ContentId[];
}

export function encodeRequest(request: BlobRequest): Uint8Array {
  const cids = request.cids.map((cid) => CID.parse(cid).bytes);
  return concatBytes(frameHead(1 + CID_BYTES * cids.length, OPERATION[request.operation]), ...cids);
}

export function decodeRequest(frame: Uint8Array): Result<BlobRequest, 'request-invalid'> {
  const operation = frame[0] === OPERATION.has ? 'has' : frame[0] === OPERATION.get ? 'get' : null;
  if (operation === null) return refuse('request-invalid', 'an unknown operation');
  const count = (frame.length - 1) / CID_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > WANTS_LIMIT[operation])
    return refuse('request-invalid', `${frame.length} bytes are no list of CIDs within the limit`);
  const cids: ContentId[] = [];
  for (let at = 1; at < frame.length; at += CID_BYTES) {
    const cid = decodeCid(frame.subarray(at, at + CID_BYTES));
    if (cid === null) return refuse('request-invalid', 'not the CID of a block');
    cids.push(cid);
  }
  return accept({ operation, cids });
}

function decodeCid(bytes: Uint8Array): ContentId | null {
  try {
    return parseContentId(contentId(CID.decode(bytes)));
  } catch {
    return null; // bytes of a peer that are no CID; the caller refuses the request
  }
}
