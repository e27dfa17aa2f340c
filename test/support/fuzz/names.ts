import { fromHex, toHex } from '../../../protocols/base/bytes.ts';
import { parseCid, readCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { didKey, type KeyType, parseDidKey } from '../../../protocols/identity/did-key.ts';
import { verifyStrict } from '../../../protocols/identity/strict.ts';
import { parseContentId } from '../../../services/checkpoints/block.ts';
import { nativeEd25519 } from '../../../services/keys/native-ed25519.ts';
import { didKeyOf, peerIdOf } from '../../../services/network/libp2p/peer-name.ts';
import { referenceRefusal } from '../ed25519-reference.ts';
import { mutateBytes, mutateText } from '../mutations.ts';
import { type FuzzTarget, must, mustBe, oneOf, vectors } from './target.ts';

type Named = { text: string; type: KeyType; bytes?: string };
const codec = vectors<Record<'canonical' | 'refused', { bytes: string }[]>>('codec.json');
const documents = [...codec.canonical, ...codec.refused].map(({ bytes }) => fromHex(bytes));
const cids = vectors<Record<'accepted' | 'refused', Named[]>>('cid.json');
const keys = vectors<Record<'accepted' | 'refused', Named[]>>('did-key.json');
const signatures = vectors<{
  cases: { publicKey: string; signature: string; message: string; accepted: boolean }[];
}>('ed25519-published.json').cases.map(({ publicKey, signature, message, accepted }) => ({
  accepted,
  parts: [publicKey, signature, message].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array],
}));
const accepted = signatures.filter((each) => each.accepted);
const backend = nativeEd25519();

export const NAME_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  documents: {
    drives: ['protocols/codec/codec.ts#decodeCanonical'],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf(documents, random), random);
      const decoded = decodeCanonical(bytes);
      if (!decoded.ok) return false;
      mustBe(toHex(encode(decoded.value)), toHex(bytes), 'a second encoding');
      return true;
    },
  },
  cids: {
    drives: [
      'protocols/codec/cid.ts#parseCid',
      'protocols/codec/cid.ts#readCid',
      'services/checkpoints/block.ts#parseContentId',
    ],
    accepts: true,
    run: (random) => {
      const text = mutateText(oneOf([...cids.accepted, ...cids.refused], random).text, random);
      const cid = parseCid(text);
      if (cid !== null) mustBe(cid.toString(), text, 'a second spelling');
      must(parseContentId(text) === null || cid !== null, 'a content id that is no CID');
      const bytes = mutateBytes(fromHex(oneOf(cids.accepted, random).bytes ?? ''), random);
      const read = readCid(bytes);
      if (read !== null) mustBe(toHex(read.bytes), toHex(bytes), 'other bytes');
      return cid !== null || read !== null;
    },
  },
  keys: {
    drives: ['protocols/identity/did-key.ts#parseDidKey', 'services/network/libp2p/peer-name.ts#didKeyOf'],
    // another key is 32 other bytes: the alphabet alone lets some mutations through
    accepts: true,
    run: (random) => {
      const { type, text } = oneOf([...keys.accepted, ...keys.refused], random);
      const changed = random() < 0.5 ? mutateText(text, random) : swapLetter(text, random);
      const key = parseDidKey(type, changed);
      if (key !== null) mustBe(didKey(type, key), changed, 'a second spelling');
      const peer = oneOf(
        keys.accepted.filter((each) => each.type === 'ed25519'),
        random,
      ).text;
      const peerId = mutateText(peerIdOf(peer), random);
      const named = didKeyOf(peerId);
      if (named !== null) mustBe(peerIdOf(named), peerId, 'a second peer id');
      return key !== null;
    },
  },
  signatures: {
    drives: ['protocols/identity/strict.ts#verifyStrict'],
    accepts: false,
    run: (random) => {
      // half of the rounds change what is valid: each signature has one form
      const { parts } = oneOf(random() < 0.5 ? accepted : signatures, random);
      const at = Math.floor(random() * 3);
      const changed = parts.map((part, index) =>
        index === at ? mutateBytes(part, random) : part,
      ) as typeof parts;
      const answer = verifyStrict(backend, ...changed);
      const same = changed.every((part, index) => toHex(part) === toHex(parts[index] as Uint8Array));
      must(!answer || same, 'a changed signature, key or message verifies');
      // the reference takes milliseconds
      if (random() < 0.1) must(answer === (referenceRefusal(...changed) === null), 'not the rule');
      return false;
    },
  },
};

/** One letter of base58 for another: most often still a key. */
function swapLetter(text: string, random: () => number): string {
  const at = 'did:key:z'.length + 4 + Math.floor(random() * Math.max(0, text.length - 13));
  return `${text.slice(0, at)}${oneOf([...'23456789ABCabcxyz'], random)}${text.slice(at + 1)}`;
}
