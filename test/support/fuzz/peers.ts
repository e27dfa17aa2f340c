import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { parseCid } from '../../../protocols/codec/cid.ts';
import { FrameError, frameHead, readFrames } from '../../../services/checkpoints/blob/frames.ts';
import {
  decodeRequest,
  encodeRequest as encodeBlobRequest,
} from '../../../services/checkpoints/blob/wire.ts';
import { contentId, leafCid, verifyBlock } from '../../../services/checkpoints/block.ts';
import {
  decodeNode,
  encodeDirectoryNode,
  encodeFileNode,
} from '../../../services/checkpoints/unixfs/nodes.ts';
import { decodeFrames, encodeFrame } from '../../../services/network/libp2p/frames.ts';
import { mutateBytes } from '../mutations.ts';
import { contentCid } from '../samples.ts';
import { inPieces } from './in-pieces.ts';
import { type FuzzTarget, must, mustBe, oneOf } from './target.ts';

const LEAF = leafCid(utf8('leaf'));
const LEAF_ID: ContentId = contentId(LEAF);
const BLOB_REQUESTS = [
  encodeBlobRequest({ operation: 'has', cids: [LEAF_ID, contentCid('x')] }),
  encodeBlobRequest({ operation: 'get', cids: [LEAF_ID] }),
].map((framed) => framed.subarray(4));
const NODES = [
  encodeDirectoryNode([]),
  encodeDirectoryNode([
    { name: 'config.json', cid: LEAF, tsize: 4 },
    { name: 'scripts', cid: encodeDirectoryNode([]).cid, tsize: encodeDirectoryNode([]).tsize },
  ]),
  encodeFileNode([
    { cid: LEAF, sizeBytes: 4, tsize: 4 },
    { cid: LEAF, sizeBytes: 4, tsize: 4 },
  ]),
];

export const PEER_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'blob-requests': {
    drives: ['services/checkpoints/blob/wire.ts#decodeRequest'],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf(BLOB_REQUESTS, random), random);
      const request = decodeRequest(bytes);
      if (!request.ok) return false;
      mustBe(toHex(encodeBlobRequest(request.value).subarray(4)), toHex(bytes), 'a second spelling');
      for (const cid of request.value.cids) must(parseCid(cid) !== null, 'a CID that is none');
      return true;
    },
  },
  blocks: {
    drives: ['services/checkpoints/block.ts#verifyBlock'],
    accepts: false,
    run: (random) => {
      const bytes = mutateBytes(utf8('leaf'), random);
      const verified = verifyBlock(LEAF_ID, bytes);
      must(!verified.ok || toHex(bytes) === toHex(utf8('leaf')), 'changed bytes have the same CID');
      return false;
    },
  },
  'unixfs-nodes': {
    drives: ['services/checkpoints/unixfs/nodes.ts#decodeNode'],
    accepts: true,
    run: (random) => {
      const { bytes: whole, tsize } = oneOf(NODES, random);
      const bytes = mutateBytes(whole, random);
      const node = decodeNode(bytes, random() < 0.5 ? null : tsize);
      if (!node.ok) return false;
      const again =
        node.value.type === 'file'
          ? encodeFileNode(node.value.parts)
          : encodeDirectoryNode(node.value.entries);
      mustBe(toHex(again.bytes), toHex(bytes), 'a second spelling of a node');
      return true;
    },
  },
  'blob-frames': {
    drives: ['services/checkpoints/blob/frames.ts#readFrames'],
    accepts: true,
    run: async (random) => {
      const stream = mutateBytes(
        Uint8Array.from(BLOB_REQUESTS.flatMap((frame) => [...frameHead(frame.length), ...frame])),
        random,
      );
      const out: number[] = [];
      try {
        for await (const frame of readFrames(inPieces(stream, random), 200))
          out.push(...frameHead(frame.length), ...frame);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        return false;
      }
      mustBe(toHex(Uint8Array.from(out)), toHex(stream), 'frames that are not the stream');
      return true;
    },
  },
  'libp2p-frames': {
    drives: ['services/network/libp2p/frames.ts#decodeFrames'],
    accepts: true,
    run: async (random) => {
      const stream = mutateBytes(
        Uint8Array.from(BLOB_REQUESTS.flatMap((frame) => [...encodeFrame(frame)])),
        random,
      );
      let total = 0;
      try {
        for await (const frame of decodeFrames(inPieces(stream, random), 200)) {
          must(frame.length <= 200, 'a frame over the limit');
          total += frame.length;
        }
      } catch (error) {
        if (!(error instanceof OversightError) || error.code !== 'peer-failed') throw error;
        return false;
      }
      must(total < stream.length || stream.length === 0, 'more than came');
      return true;
    },
  },
};
