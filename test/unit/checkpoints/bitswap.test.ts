import type { CID } from 'multiformats/cid';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../protocols/base/bytes.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { bytesHead, numberField, varintOf } from '../../../services/checkpoints/bitswap/protobuf.ts';
import {
  BITSWAP_PROTOCOL,
  decodeWants,
  encodeAnswer,
  readMessages,
} from '../../../services/checkpoints/bitswap/wire.ts';
import { contentId, leafCid } from '../../../services/checkpoints/block.ts';
import { BitswapServer } from '../../../services/checkpoints/index.ts';
import type { BlockReader } from '../../../services/checkpoints/store.ts';
import { pattern } from '../../support/checkpoints/golden-tree.ts';
import { MemoryNetwork } from './memory-stream-host.ts';

const started = () => ({ signal: new AbortController().signal });
const leaf = pattern(1_000);
const cid = leafCid(leaf);
const absent = leafCid(pattern(999));
const store: BlockReader = {
  hasBlock: async (id: ContentId) => id === contentId(cid),
  block: async (id: ContentId) => (id === contentId(cid) ? leaf : null),
};

function field(number: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.from(bytesHead(number, bytes.length)), bytes);
}

/** A Bitswap message of wants, its length before it. Flags are numbers of fields that are set to 1. */
function asking(wants: readonly (readonly [cid: CID, ...flags: number[]])[], full = false): Uint8Array {
  const entries = wants.map(([of, ...flags]) =>
    field(1, concatBytes(field(1, of.bytes), ...flags.map((flag) => Uint8Array.from(numberField(flag, 1))))),
  );
  const list = field(1, concatBytes(...entries, Uint8Array.from(numberField(2, full ? 1 : 0))));
  return concatBytes(Uint8Array.from(varintOf(list.length)), list);
}

/** Answers of a server, as messages, until it closes its stream. */
async function answersTo(request: Uint8Array, from: BlockReader = store): Promise<Uint8Array[]> {
  const network = new MemoryNetwork();
  const peer = network.host('peer');
  const { promise, resolve } = Promise.withResolvers<Uint8Array[]>();
  await peer.handle(BITSWAP_PROTOCOL, async (stream) => {
    const messages: Uint8Array[] = [];
    for await (const message of readMessages(stream.source, 2_000_000)) messages.push(message);
    await stream.closeWrite();
    resolve(messages);
  });
  await using _server = await BitswapServer.start(network.host('server'), from);
  const stream = await peer.open('server', BITSWAP_PROTOCOL, started());
  await stream.write(request, started());
  await stream.closeWrite();
  return await promise; // the server must stay until then
}

const HAVE = encodeAnswer({ type: 'have', cidBytes: cid.bytes })[0].subarray(1);
const LACKS = encodeAnswer({ type: 'dont-have', cidBytes: absent.bytes })[0].subarray(1);

describe('Bitswap', () => {
  it('answers a want with the block, its CID told by prefix', async () => {
    const [message] = await answersTo(asking([[cid]]));
    const block = concatBytes(field(1, Uint8Array.of(1, 0x55, 0x12, 0x20)), field(2, leaf));
    expect(Buffer.from(message ?? [])).toEqual(Buffer.from(field(3, block)));
  });

  it('says what it has, and what it lacks to whoever wants to know', async () => {
    const messages = await answersTo(
      asking([
        [cid, 4],
        [absent, 4, 5],
        [absent, 5],
      ]),
    );
    expect(messages.map((message) => Buffer.from(message))).toEqual(
      [HAVE, LACKS].map((each) => Buffer.from(each)),
    );
  });

  it('forgets what is cancelled', async () => {
    const messages = await answersTo(
      asking([
        [cid, 4],
        [absent, 5],
        [absent, 3],
      ]),
    );
    expect(messages).toHaveLength(1);
  });

  it('lacks a block whose file has changed', async () => {
    const changed: BlockReader = { hasBlock: async () => true, block: async () => null };
    expect(await answersTo(asking([[absent, 5]]), changed)).toEqual([Uint8Array.from(LACKS)]);
  });

  it.each([
    ['a message longer than any', Uint8Array.from(varintOf(300_000))],
    ['a length without an end', new Uint8Array(20).fill(0xff)],
    ['a field past the end', Uint8Array.of(2, 0x0a, 9)],
    ['a wire type that is none', Uint8Array.of(1, 0x0f)],
    [
      'a CID of 100 bytes',
      concatBytes(Uint8Array.of(106), field(1, field(1, field(1, new Uint8Array(100))))),
    ],
  ])('ends a stream that brings %s, and goes on', async (_name, bytes) => {
    const network = new MemoryNetwork();
    const peer = network.host('peer');
    await using _server = await BitswapServer.start(network.host('server'), store);
    const stream = await peer.open('server', BITSWAP_PROTOCOL, started());
    await stream.write(bytes, started());
    await expect(
      (async () => {
        for await (const _ of stream.source) throw new Error('nothing is answered here');
      })(),
    ).rejects.toThrow();
    expect(await answersTo(asking([[cid, 4]]))).toHaveLength(1);
  });

  it('reads a list as it is meant', () => {
    const message = asking(
      [
        [cid, 5],
        [absent, 4],
      ],
      true,
    ).subarray(1);
    expect(decodeWants(message)).toMatchObject({
      full: true,
      wants: [
        { cid: contentId(cid), type: 'block', sendDontHave: true },
        { cid: contentId(absent), type: 'have', sendDontHave: false },
      ],
    });
  });
});
