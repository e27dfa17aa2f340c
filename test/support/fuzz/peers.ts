import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { parseCid } from '../../../protocols/codec/cid.ts';
import { bytesHead, numberField, ProtobufError } from '../../../services/checkpoints/bitswap/protobuf.ts';
import { decodeWants, readMessages } from '../../../services/checkpoints/bitswap/wire.ts';
import { FrameError, frameHead, readFrames } from '../../../services/checkpoints/blob/frames.ts';
import {
  decodeRequest,
  encodeRequest as encodeBlobRequest,
} from '../../../services/checkpoints/blob/wire.ts';
import { contentId, leafCid, verifyBlock, verifyBlockAside } from '../../../services/checkpoints/block.ts';
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

const bitswapField = (number: number, bytes: readonly number[]) => [
  ...bytesHead(number, bytes.length),
  ...bytes,
];
/** A message of two wants, its length before it. */
const BITSWAP_STREAM = (() => {
  const entry = bitswapField(1, [
    ...bitswapField(1, [...LEAF.bytes]),
    ...numberField(4, 1),
    ...numberField(5, 1),
  ]);
  const message = bitswapField(1, [...entry, ...entry, ...numberField(2, 1)]);
  return Uint8Array.from([message.length, ...message, message.length, ...message]);
})();

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
  'bitswap-wants': {
    drives: [
      'services/checkpoints/bitswap/protobuf.ts#readFields',
      'services/checkpoints/bitswap/wire.ts#decodeWants',
      'services/checkpoints/bitswap/wire.ts#readMessages',
    ],
    accepts: true,
    run: async (random) => {
      const stream = mutateBytes(BITSWAP_STREAM, random);
      let wanted = 0;
      try {
        for await (const message of readMessages(inPieces(stream, random), 300)) {
          must(message.length <= 300, 'a message over the limit');
          for (const { cid, cidBytes } of decodeWants(message).wants) {
            must(cid === null || (parseCid(cid) !== null && cidBytes.length === 36), 'a CID that is none');
            wanted++;
          }
        }
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
        return false;
      }
      must(wanted * 2 <= stream.length, 'more wants than there are bytes for');
      return wanted > 0;
    },
  },
  blocks: {
    drives: ['services/checkpoints/block.ts#verifyBlock', 'services/checkpoints/block.ts#verifyBlockAside'],
    accepts: false,
    run: async (random) => {
      const bytes = mutateBytes(utf8('leaf'), random);
      const verified = verifyBlock(LEAF_ID, bytes);
      const aside = await verifyBlockAside(LEAF_ID, bytes);
      must(aside.ok === verified.ok, 'two judgements of one block');
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
        Uint8Array.from(BLOB_REQUESTS.flatMap((frame) => [...encodeFrame(frame).subarray()])),
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
