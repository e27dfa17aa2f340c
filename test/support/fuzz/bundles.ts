import { concatBytes, toHex } from '../../../protocols/base/bytes.ts';
import {
  type Block,
  blockOf,
  CarFault,
  encodeCarBlock,
  encodeCarHeader,
  manifestBlock,
  type Part,
  partBlock,
  readBundle,
  readCar,
} from '../../../protocols/bundle/index.ts';
import { readList, readManifest, readPart } from '../../../protocols/bundle/manifest.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { leafHash, MerkleTree, signHead } from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { checkBundle } from '../../../services/gateway/dashboard/checker/check-bundle.ts';
import { Author, charterDocumentOf, charterOf } from '../federation.ts';
import { mutateBytes } from '../mutations.ts';
import { cardBody } from '../samples.ts';
import { inPieces } from './in-pieces.ts';
import { type FuzzTarget, must, mustBe, oneOf } from './target.ts';

const federation = charterOf().id;
const author = new Author('example-lab', federation);
const messages = ['one', 'two', 'three'].map((name) => author.say('member-card/1', cardBody(name)));
const tree = new MerkleTree();
for (const { wire } of messages) tree.append(leafHash(wire));

function wireBlock(wire: Uint8Array): Block {
  return { cid: documentCid(wire), bytes: wire };
}

const genesis = blockOf(charterDocumentOf());
const list = blockOf(messages.map(({ wire }) => documentCid(wire)));
const said: Part = {
  author: memberKey(author.signer.publicKey),
  from: 0,
  to: messages.length,
  peaks: [],
  head: signHead(federation, { size: messages.length, root: tree.root() }, author.signer),
  proof: [],
  messages: [list.cid],
  evidence: [],
};
const part = partBlock(said);
const manifest = manifestBlock({ federation: genesis.cid, parts: [part.cid] });
const BUNDLE = concatBytes(
  encodeCarHeader(manifest.cid),
  ...[manifest, genesis, part, list, ...messages.map(({ wire }) => wireBlock(wire))].map(encodeCarBlock),
);

/** The length of the first section in two bytes where one does. */
const STRETCHED = concatBytes(Uint8Array.of((BUNDLE[0] as number) | 0x80, 0), BUNDLE.subarray(1));

/** The blocks of a file, encoded again. */
async function rewritten(file: Uint8Array, random: () => number): Promise<Uint8Array | null> {
  const out: Uint8Array[] = [];
  try {
    for await (const item of readCar(inPieces(file, random)))
      out.push('root' in item ? encodeCarHeader(item.root) : encodeCarBlock(item));
  } catch (error) {
    if (!(error instanceof CarFault)) throw error;
    return null;
  }
  return concatBytes(...out);
}

async function isAccepted(file: Uint8Array, random: () => number): Promise<boolean> {
  try {
    for await (const item of readBundle(inPieces(file, random)))
      must(item.kind !== undefined, 'an item of no kind');
    return true;
  } catch (error) {
    if (!(error instanceof CarFault)) throw error;
    return false;
  }
}

export const BUNDLE_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  bundles: {
    drives: ['protocols/bundle/read.ts#readBundle', 'protocols/bundle/car.ts#readCar'],
    // the root names everything in it
    accepts: false,
    run: async (random) => {
      const file = random() < 0.05 ? STRETCHED : mutateBytes(BUNDLE, random);
      const again = await rewritten(file, random);
      if (again !== null) mustBe(toHex(again), toHex(file), 'a second spelling of a file');
      const same = toHex(file) === toHex(BUNDLE);
      must(same || !(await isAccepted(file, random)), 'a changed bundle is read');
      return false;
    },
  },
  'dropped-bundles': {
    drives: ['protocols/audit/bundle-source.ts#readBundleSource'],
    accepts: false,
    run: async (random) => {
      const file = mutateBytes(BUNDLE, random);
      const { state } = await checkBundle(file, federation);
      must(state === 'wrong' || toHex(file) === toHex(BUNDLE), 'a changed bundle is no fault');
      return false;
    },
  },
  'bundle-blocks': {
    drives: [
      'protocols/bundle/manifest.ts#readManifest',
      'protocols/bundle/manifest.ts#readPart',
      'protocols/bundle/manifest.ts#readList',
    ],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf([manifest, part, list], random).bytes, random);
      const block = { cid: documentCid(bytes), bytes };
      const written = [
        () => manifestBlock(readManifest(block)),
        () => partBlock(readPart(block)),
        () => ({ bytes: encode(readList(block)) }),
      ].flatMap((read) => {
        try {
          return [toHex(read().bytes)];
        } catch (error) {
          if (!(error instanceof CarFault)) throw error;
          return [];
        }
      });
      for (const each of written) mustBe(each, toHex(bytes), 'a second spelling of a block');
      return written.length > 0;
    },
  },
};
