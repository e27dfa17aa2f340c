import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { encodeEntryBundle } from '../../../protocols/feed/index.ts';
import { splitEntries } from '../../../services/network/sync/entries.ts';
import {
  encodeHeads,
  encodeRequest,
  encodeWitnessAnswer,
  parseHeads,
  parseRequest,
  parseWitnessAnswer,
  splitHashes,
} from '../../../services/network/sync/protocol.ts';
import { charterOf } from '../federation.ts';
import { mutateBytes } from '../mutations.ts';
import { type FuzzTarget, must, mustBe, oneOf } from './target.ts';

const { id: federation, members } = charterOf();
const [author] = members.keys();
if (author === undefined) throw new TypeError('the test federation has members');

const REQUESTS = [
  encodeRequest({ op: 'heads' }),
  encodeRequest({ op: 'range', author, from: 0, to: 3 }),
  encodeRequest({ op: 'evidence', author }),
  encodeRequest({ op: 'root', author, size: 7 }),
  encodeRequest({ op: 'consistency', author, from: 1, to: 2 }),
  encodeRequest({ op: 'add-checkpoint', body: 'old 0\n\nnot a checkpoint\n' }),
];
const signed = { author, size: 3, root: new Uint8Array(32), signature: new Uint8Array(64) };
const HEADS = [
  encode([]),
  ...encodeHeads([
    { author, length: 3, head: federation as string as MessageId, fork: null, signed },
    { author, length: 0, head: null, fork: 4, signed: null },
  ]),
];
const ANSWERS = [encodeWitnessAnswer({ status: 409, contentType: 'text/x.tlog.size', body: '11\n' })];
const ENTRIES = encodeEntryBundle([utf8('one'), utf8('another'), new Uint8Array(300)]);

export const SYNC_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'sync-requests': {
    drives: ['services/network/sync/protocol.ts#parseRequest'],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf(REQUESTS, random), random);
      const request = parseRequest(bytes);
      if (!request.ok) return false;
      mustBe(toHex(encodeRequest(request.value)), toHex(bytes), 'a second spelling of a request');
      return true;
    },
  },
  'sync-answers': {
    drives: [
      'services/network/sync/protocol.ts#parseHeads',
      'services/network/sync/protocol.ts#parseWitnessAnswer',
      'services/network/sync/protocol.ts#splitHashes',
    ],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(oneOf([...HEADS, ...ANSWERS], random), random);
      const heads = parseHeads(bytes);
      if (heads.ok && heads.value.length > 0) {
        const [again = new Uint8Array()] = encodeHeads(heads.value);
        mustBe(toHex(again), toHex(bytes), 'a second spelling of heads');
      }
      const answer = parseWitnessAnswer(bytes);
      if (answer.ok)
        mustBe(toHex(encodeWitnessAnswer(answer.value)), toHex(bytes), 'a second spelling of an answer');
      const hashes = splitHashes(bytes);
      must(hashes === null || hashes.length * 32 === bytes.length, 'hashes that do not add up');
      return heads.ok || answer.ok;
    },
  },
  'sync-entries': {
    drives: ['services/network/sync/entries.ts#splitEntries'],
    accepts: true,
    run: (random) => {
      const bytes = mutateBytes(ENTRIES, random);
      const entries = splitEntries(bytes);
      if (entries === null || entries.length === 0) return false;
      mustBe(toHex(encodeEntryBundle(entries)), toHex(bytes), 'entries that are not the frame');
      return true;
    },
  },
};
